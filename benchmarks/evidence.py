"""How many questions it takes until saved answers are sent by themselves, and how many of those sent are then wrong.

Shops made of CLINC150 and Banking77: some of the intents are their answers, with a few examples each; questions of other intents and
those out of scope are one in six of what buyers ask. Of what no example is, half is asked one by one, and after each
question the proof is looked at (`classify.risk`); the other half is kept from all of it, and says how many of the answers
that would then be sent are wrong. Neither half chose anything: limits, ladder and rates stood before.
"""

import csv
import json
import random
from typing import Any

import numpy as np

from benchmarks import stage
from comity.classify import background, risk
from comity.classify.model import NOTHING, Tried, train
from tests.data import DATA

RUNS = 40
#: Whose questions, answers of the shop, examples of each.
SHOPS = (("clinc150", 10, 6), ("clinc150", 10, 30), ("clinc150", 30, 20), ("banking77", 20, 20))
#: One in so many questions is none that the shop has an answer for.
OTHERS = 6


def main() -> None:
    sets, outside = _sets()
    stage.say({
        "compares": "what was proven on some questions, with as many others of the same kind",
        "most_wrong": risk.MOST_WRONG, "error": risk.ERROR, "ladder": risk.LADDER,
        "at_least": risk.missing(risk.Count()),
        "shops": [
            {"of": name, **_shop(sets[name], outside, answers, examples)} for name, answers, examples in SHOPS
        ],
        "at_the_limit": _at_the_limit(),
    })  # fmt: skip


Questions = dict[str, list[str]]


def _sets() -> tuple[dict[str, Questions], list[str]]:
    """Return the questions of each set by intent, and questions that are of none."""
    clinc = json.loads((DATA / "intents" / "clinc150" / "data_full.json").read_text())
    with (DATA / "intents" / "banking77" / "train.csv").open(encoding="utf-8", newline="") as file:
        banking = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    sets: dict[str, Questions] = {"clinc150": {}, "banking77": {}}
    for name, pairs in (("clinc150", [*clinc["train"], *clinc["val"]]), ("banking77", banking)):
        for text, label in pairs:
            sets[name].setdefault(label, []).append(text)
    return sets, [text for text, _ in (*clinc["oos_train"], *clinc["oos_val"])]


def _shop(by_intent: Questions, outside: list[str], answers: int, examples: int) -> dict[str, Any]:
    runs = [_run(by_intent, outside, answers, examples, random.Random(seed)) for seed in range(RUNS)]
    proven = [run for run in runs if run["sure"]]
    sent, wrong = (sum(run["test"][part] for run in proven) for part in (0, 1))
    worse = sum(run["test"][1] > risk.MOST_WRONG * run["test"][0] for run in proven)
    before, sent_before = (sum(run["chosen"][part] for run in runs) for part in (1, 0))
    return {
        "answers": answers, "examples_each": examples, "runs": RUNS, "questions_a_run": runs[0]["questions"],
        "runs_proven": len(proven), "runs_worse_than_the_limit": worse,
        "sure_questions_until_proven": _quantiles([run["sure"] for run in proven]),
        "questions_until_proven": _quantiles([run["asked"] for run in proven]),
        "sent_in_the_other_half": sent, "wrong_of_sent": round(wrong / sent, 4) if sent else None,
        "share_answered": round(float(np.mean([run["answered"] for run in proven])), 4) if proven else None,
        "as_chosen_on_examples": {"sent": sent_before, "wrong_of_sent": round(before / max(1, sent_before), 4)},
    }  # fmt: skip


def _quantiles(values: list[int]) -> dict[str, int] | None:
    if not values:
        return None
    return {"least": min(values), "median": int(np.median(values)), "most": max(values)}


def _run(
    by_intent: Questions, outside: list[str], answers: int, examples: int, chance: random.Random
) -> dict[str, Any]:
    """Return one shop's course: when it was proven first, and what its answers in the other half would be."""
    mine = chance.sample(sorted(by_intent), answers)
    learnt, asked = [(text, NOTHING) for text in background.texts()], []
    for label in mine:
        texts = chance.sample(by_intent[label], len(by_intent[label]))
        learnt += [(text, label) for text in texts[:examples]]
        asked += [(text, label) for text in texts[examples:]]
    others = [text for label, texts in by_intent.items() if label not in mine for text in texts]
    most = len(asked) // (OTHERS - 1)
    strange = chance.sample(outside, min(len(outside), most // 4))
    asked += [(text, NOTHING) for text in (*strange, *chance.sample(others, most - len(strange)))]
    chance.shuffle(asked)
    model, tried = train([text for text, _ in learnt], [label for _, label in learnt])
    seen = model.tried([text for text, _ in asked], [label for _, label in asked])
    half = len(asked) // 2
    first, other = _part(seen, slice(half)), _part(seen, slice(half, None))
    chosen = risk.threshold(tried)
    place, sure_from = _first_proof(first)
    sure = sum(first.certainty[: place + 1] >= risk.LADDER[0]) if sure_from is not None else 0
    test = _sent(other, sure_from)
    return {
        "questions": half, "asked": place + 1, "sure": int(sure), "test": test, "answered": test[0] / half,
        "chosen": _sent(other, chosen),
    }  # fmt: skip


def _first_proof(first: Tried) -> tuple[int, float | None]:
    """Look after every question, and stop at the first proof: the look at which a test is most often deceived."""
    counts = [risk.Count()] * len(risk.LADDER)
    for place, (truth, guessed, certainty) in enumerate(zip(first.truth, first.guessed, first.certainty, strict=True)):
        counts = [
            risk.Count(count.asked + 1, count.wrong + (truth != guessed)) if certainty >= least else count
            for count, least in zip(counts, risk.LADDER, strict=True)
        ]
        if (sure_from := risk.sure_from(counts)) is not None:
            return place, sure_from
    return len(first.truth) - 1, None


def _part(seen: Tried, part: slice) -> Tried:
    return Tried(seen.truth[part], seen.guessed[part], seen.certainty[part])


def _sent(tried: Tried, least: float | None) -> tuple[int, int]:
    """Return how many would be answered from the certainty `least` on, and how many of them wrongly."""
    if least is None:
        return 0, 0
    above = tried.certainty >= least
    return int(above.sum()), int((above & (tried.truth != tried.guessed)).sum())


def _at_the_limit(runs: int = 20_000, questions: int = 5_000) -> dict[str, Any]:
    """Return in how many of `runs` a shop exactly at the limit is ever taken for proven, looked at all the time."""
    chance, most = np.random.default_rng(0), int(questions * risk.MOST_WRONG * 2)
    until = np.array([wrong + risk.missing(risk.Count(wrong, wrong)) for wrong in range(most)])
    # Between two wrong ones lie so many questions; before the next wrong one the proof is as good as it gets.
    wrong_at = chance.geometric(risk.MOST_WRONG, (runs, most)).cumsum(axis=1)
    proven = ((wrong_at - 1 >= until) & (until <= questions)).any(axis=1)
    return {"runs": runs, "questions": questions, "ever_proven": round(float(proven.mean()), 4)}


if __name__ == "__main__":
    main()
