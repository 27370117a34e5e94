import time, cProfile, pstats
from itertools import groupby
from tests.security import walking
from tests.security.asking import Hub
from jornada.web import authorisation
def test_x(scene):
    hub=Hub(scene); routes=authorisation.matrix().routes
    cells=[c for c in authorisation.matrix().cells() if routes[c.route].of!="file"]
    w=walking.Walk(0,0); out=[]
    pr=cProfile.Profile(); pr.enable()
    for name, g in groupby(cells, key=lambda c:c.route):
        t=time.process_time(); n=0
        for c in g: walking._ask(hub,c,w); n+=1
        out.append((time.process_time()-t, n, name))
    pr.disable()
    print(w, w.wrong[:3])
    for o in sorted(out,reverse=True)[:14]: print("T %.2f %d %s"%o)
    pstats.Stats(pr).sort_stats("tottime").print_stats(14)
    pstats.Stats(pr).sort_stats("cumtime").print_stats("tests/security|middleware|coalition|sessions|client.py")
