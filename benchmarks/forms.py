"""Filling real forms, beside the peers a reasonable engineer would reach for, in the same run.

    python -m benchmarks.forms [--json] [--forms DIR]

The blank forms are read from DIR or from `../shared/forms` beside this project. PyMuPDF is left out: its
licence is AGPL or paid.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import platform
import statistics
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import typst
from pikepdf.form import ExtendedAppearanceStreamGenerator, Form

from jornada.gateways import pdf
from jornada.gateways.pdf import CompiledForm

FILES = {
    "G-1145": "g-1145/2014-09-26.decrypted.pdf",
    "I-765": "i-765/2025-08-21.pdf",
    "I-765WS": "i-765ws/2025-08-21.pdf",
    "I-912": "i-912/2025-07-22.pdf",
}
STORY = "Trabajé seis días por semana; nos pagaban en efectivo. Nguyễn Thị Hường lo vio, en Łódź también. "
VALUES = 107  # as many as in the measurements that set the bar


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--json", action="store_true", help="one JSON object as the last line")
    asked.add_argument("--forms", type=Path, default=Path(__file__).parents[2] / "shared" / "forms")
    options = asked.parse_args()
    warnings.simplefilter("ignore")  # peers complain about letters they cannot print, and about padding
    logging.disable(logging.WARNING)
    result = measured({form: (options.forms / file).read_bytes() for form, file in FILES.items()})
    print(_as_text(result))
    if options.json:
        print(json.dumps(result, ensure_ascii=False))


def measured(blanks: dict[str, bytes]) -> dict[str, Any]:
    """All measurements: sizes, medians in milliseconds, and the targets."""
    started = time.perf_counter()
    compiled = {form: pdf.compile_edition(blank) for form, blank in blanks.items()}
    compiling = (time.perf_counter() - started) * 1000
    values = {form: sample(one) for form, one in compiled.items()}
    values["I-765"] = some(values["I-765"], VALUES)
    times = _one_form(blanks["I-765"], compiled["I-765"], values["I-765"])
    packets = _packet(blanks, compiled, values)
    ratio = times["pikepdf, own appearances, flattened"] / times["jornada"]
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "sizes": {
            "values": len(values["I-765"]),
            "pages": compiled["I-765"].pages,
            "packet_pages": sum(one.pages for one in compiled.values()) + 3,
            "compiled_bytes": {form: len(one.to_bytes()) for form, one in compiled.items()},
            "filled_bytes": len(pdf.fill(compiled["I-765"], values["I-765"])),
            "packet_bytes": packets.pop("bytes"),
        },
        "results": {
            "fill_ms": {name: round(value, 2) for name, value in times.items()},
            "slower_than_jornada": {
                name: round(value / times["jornada"], 1) for name, value in times.items()
            },
            "packet_ms": {name: round(value, 1) for name, value in packets.items()},
            "growth_ms_by_values": _growth(compiled["I-765"], sample(compiled["I-765"])),
            "compile_all_ms": round(compiling, 1),
            "load_compiled_ms": round(_median(_loading(compiled["I-765"]), 20), 2),
        },
        "targets": [
            _target("I-765 filled and flattened, 107 values", 4.0, times["jornada"], "ms", at_most=True),
            _target("faster than pikepdf in the same run", 10.0, ratio, "times", at_most=False),
            _target(
                "17-page packet with letters, filled and merged", 60.0, packets["jornada"], "ms", at_most=True
            ),
            _target("each edition compiled once, all four", 4000.0, compiling, "ms", at_most=True),
        ],
    }


def sample(form: CompiledForm) -> dict[str, str]:
    """A value for every field but signatures, one cross a question, text that nearly fills its box."""
    values, crossed = {}, set()
    for name, box in form.fields.items():
        question = name.rpartition("[")[0]
        if box.signature or (box.kind == "checkbox" and question in crossed):
            continue
        if box.kind == "checkbox":
            crossed.add(question)
            values[name] = box.on_states[0]
        elif box.kind == "dropdown":
            values[name] = next(option for option in reversed(box.options) if option.strip())
        elif box.comb:
            values[name] = "9876543210123"[: box.max_length]
        else:
            room = min(box.max_length or 9999, box.line_capacity * box.lines * 4 // 5)
            values[name] = (STORY * 40)[:room].strip()
    return values


def some(values: dict[str, str], count: int) -> dict[str, str]:
    """So many of the values, taken evenly from all pages and kinds."""
    names = list(values)
    return {name: values[name] for name in (names[i * len(names) // count] for i in range(count))}


def _one_form(blank: bytes, compiled: CompiledForm, values: dict[str, str]) -> dict[str, float]:
    western = {name: value.translate(_WESTERN) for name, value in values.items()}
    named = {name: f"/{text}" if compiled.fields[name].on_states else text for name, text in western.items()}
    return {
        "jornada": _median(lambda: pdf.fill(compiled, values), 101),
        "pikepdf, own appearances, flattened": _median(lambda: pdf.fill_slowly(blank, values), 11),
        "pikepdf.form Extended, flattened": _median(lambda: _pikepdf_form(blank, western), 7),
        "pypdf, not flattened": _median(lambda: _pypdf(blank, named, flatten=False), 3),
        "pypdf, flattened, annotations removed": _median(lambda: _pypdf(blank, named, flatten=True), 3),
    }


_WESTERN = str.maketrans("ễịườŁź", "eiuoLz")  # the peers print "?" for these


def _packet(
    blanks: dict[str, bytes], compiled: dict[str, CompiledForm], values: dict[str, dict[str, str]]
) -> dict[str, float]:
    letters = [_letter(f"Letter {number}") for number in range(3)]

    def fast() -> bytes:
        return pdf.merge([*letters, *(pdf.fill(compiled[form], values[form]) for form in compiled)])

    def slow() -> bytes:
        return _merged([*letters, *(pdf.fill_slowly(blanks[form], values[form]) for form in compiled)])

    return {
        "jornada": _median(fast, 21),
        "pikepdf, own appearances, flattened, merged": _median(slow, 5),
        "bytes": len(fast()),
    }


def _growth(compiled: CompiledForm, values: dict[str, str]) -> dict[str, float]:
    sizes = (0, 25, 50, 100, len(values))
    chosen = {size: some(values, size) for size in sizes}
    return {
        str(size): round(_median(lambda few=few: pdf.fill(compiled, few), 31), 2)  # type: ignore[misc]
        for size, few in chosen.items()
    }


def _loading(compiled: CompiledForm) -> Callable[[], CompiledForm]:
    kept = compiled.to_bytes()
    return lambda: CompiledForm.from_bytes(kept)


def _pikepdf_form(blank: bytes, values: dict[str, str]) -> bytes:
    with pikepdf.open(io.BytesIO(blank)) as opened:
        form = Form(opened, ExtendedAppearanceStreamGenerator)
        for name, field in form.items():
            if name in values:
                _set(field, values[name])
        opened.flatten_annotations("all")
        out = io.BytesIO()
        opened.save(out)
        return out.getvalue()


def _set(field: Any, value: str) -> None:
    if hasattr(field, "checked"):
        field.checked = True
    else:
        field.value = value


def _pypdf(blank: bytes, values: dict[str, str], *, flatten: bool) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(blank))
    for page in writer.pages:
        writer.update_page_form_field_values(page, values, auto_regenerate=False, flatten=flatten)
    if flatten:
        writer.remove_annotations(subtypes="/Widget")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _merged(parts: Iterable[bytes]) -> bytes:
    packet = pikepdf.new()
    for part in parts:
        packet.pages.extend(pikepdf.open(io.BytesIO(part)).pages)
    out = io.BytesIO()
    packet.save(out)
    return out.getvalue()


def _letter(title: str) -> bytes:
    source = f"#set document(title: {json.dumps(title)})\n= {title}\n#lorem(220)\n"
    made: bytes = typst.compile(source.encode(), format="pdf")
    return made


def _median(run: Callable[[], object], rounds: int) -> float:
    run()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def _target(name: str, bar: float, reached: float, unit: str, *, at_most: bool) -> dict[str, Any]:
    met = reached <= bar if at_most else reached >= bar
    return {"name": name, "bar": bar, "reached": round(reached, 2), "unit": unit, "met": met}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def _as_text(result: dict[str, Any]) -> str:
    fills, packets = result["results"]["fill_ms"], result["results"]["packet_ms"]
    lines = [
        result["machine"],
        f"I-765: {result['sizes']['values']} values, {result['sizes']['pages']} pages; median ms",
    ]
    lines += [f"  {ms:9.2f}  {ms / fills['jornada']:6.1f} x  {name}" for name, ms in fills.items()]
    lines.append(f"packet of {result['sizes']['packet_pages']} pages with letters; median ms")
    lines += [f"  {ms:9.1f}  {ms / packets['jornada']:6.1f} x  {name}" for name, ms in packets.items()]
    lines.append(f"growth, ms by number of values: {result['results']['growth_ms_by_values']}")
    lines.append(f"bytes: {result['sizes']}")
    for one in result["targets"]:
        verdict = "met   " if one["met"] else "MISSED"
        lines.append(f"{verdict} {one['name']}: {one['reached']} {one['unit']} (bar {one['bar']})")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
