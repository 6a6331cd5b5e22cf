"""Taking in tracking bodies through the endpoint, signature and all, against bare inserts of the same rows.

One process, one thread, one commit a body on both sides, in turns.
"""

import hashlib
import json
import sys
import time

from benchmarks import stage

ROUNDS, BODIES = 5, 400
SECRET = "secret"


def main(engine: str) -> None:
    import os

    os.environ["COMITY_17TRACK_SECRET"] = SECRET
    stage.set_up(engine)
    from django.db import connection
    from django.test import RequestFactory

    from comity.integrations.tracking.receiving import tracking
    from comity.records.models import TrackingBody

    factory, ours, bare = RequestFactory(), 0.0, 0.0
    worst: list[float] = []
    insert = (
        "INSERT INTO records_trackingbody (provider, digest, body, received_at, outcome, number, why, read_at) "
        "VALUES (%s, %s, %s, %s, '', '', '', NULL)"
    )
    for turn in range(ROUNDS):
        requests = [_request(factory, turn * BODIES + number) for number in range(BODIES)]
        for request in requests:
            began = time.perf_counter()
            answer = tracking(request, "17track")
            worst.append(time.perf_counter() - began)
            assert answer.status_code == 202, answer.content
        ours += sum(worst[-BODIES:])
        rows = list(TrackingBody.objects.order_by("-id").values_list("provider", "body", "received_at")[:BODIES])
        began = time.perf_counter()
        for number, (provider, body, at) in enumerate(rows):
            with connection.cursor() as cursor:
                cursor.execute(insert, [provider, f"bare {turn} {number}", bytes(body), at])
        bare += time.perf_counter() - began
    count = ROUNDS * BODIES
    stage.say({
        "compares": "tracking bodies through the endpoint, with the same rows inserted bare", "engine": engine,
        "bodies": count, "per_second": round(count / ours), "bare_per_second": round(count / bare),
        "ratio": round(bare / ours, 3), "p99_ms": round(1000 * stage.percentile(worst, 0.99), 2),
    })  # fmt: skip


def _request(factory, number):  # type: ignore[no-untyped-def]
    event = {"time_utc": "2026-03-02T10:00:00Z", "stage": "InTransit", "sub_status": "InTransit_Arrival"}
    providers = [{"events": [event] * 8}]
    data = {"number": f"RR{number:09d}CN", "carrier": 3011, "track_info": {"tracking": {"providers": providers}}}
    body = json.dumps({"event": "TRACKING_UPDATED", "data": data}).encode()
    sign = hashlib.sha256(body + b"/" + SECRET.encode()).hexdigest()
    return factory.post("/hooks/tracking/17track/", body, content_type="application/json", headers={"sign": sign})


if __name__ == "__main__":
    main(*sys.argv[1:2])
