def test_x(scene):
    print({k:len(scene.canaries.of(k)) for k in ("P0","P1","P2","P3","P4")}, scene.files, scene.records)
