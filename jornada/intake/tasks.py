"""What the hub does by itself: forgetting what was never shared, ending what has run out."""

from __future__ import annotations

from procrastinate.contrib.django import app

from jornada.gateways.today import today
from jornada.intake import services, visits
from jornada.vault import consent, worker


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="forget unshared answers", pass_context=False)
def forget_unshared(timestamp: int) -> int:
    """Every hour: applications saved last more than 14 days ago and shared with nobody go; how many went."""
    return services.forget(on=today())


@app.periodic(cron="27 * * * *")
@app.task(queueing_lock="end what has run out", pass_context=False)
def end_what_ran_out(timestamp: int) -> int:
    """Every hour: keys of consent that has ended go, and the notes of wrong tries of the day before."""
    worker.forget_attempts(visits.now())
    return consent.sweep(on=today())
