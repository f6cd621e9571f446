"""python3 -m unittest discover bench"""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import fixtures
import report
from measure import Command, Sample, Side, StepFailed, run, take_turns
from rows import Aim, Row


def figures(aim: Aim | None, ours: list[float], theirs: list[float]) -> dict:
    samples = {"irisfix": [Sample(s, 5) for s in ours], "peer": [Sample(s, 7) for s in theirs]}
    return report.figures(Row("key", "what", None, aim), samples)


class Judgement(unittest.TestCase):
    def test_a_ratio_is_that_of_the_medians(self):
        self.assertEqual(figures(None, [1, 9, 2], [4, 4, 100])["ratio"], 0.5)

    def test_an_aim_that_is_just_reached_is_met_and_one_beyond_is_missed(self):
        self.assertTrue(figures(Aim("ratio", 0.5), [2], [4])["met"])
        self.assertFalse(figures(Aim("ratio", 0.5), [2.1], [4])["met"])
        self.assertTrue(figures(Aim("s", 2), [2], [1])["met"])
        self.assertFalse(figures(Aim("s", 2), [2.1], [100])["met"])

    def test_an_aim_for_memory_is_a_ratio_of_peaks(self):
        self.assertTrue(figures(Aim("memory", 5 / 7), [9], [1])["met"])
        self.assertFalse(figures(Aim("memory", 0.7), [1], [9])["met"])

    def test_an_aim_for_more_seconds_is_a_difference(self):
        self.assertTrue(figures(Aim("s more", 0.5), [2.5], [2])["met"])
        self.assertFalse(figures(Aim("s more", 0.5), [2.6], [2])["met"])

    def test_a_missed_aim_stands_out_in_the_table(self):
        cells = report.cells(figures(Aim("ratio", 0.5), [3, 4, 5], [4, 4, 4]))
        self.assertEqual(report.table(report.HEAD, [cells]).splitlines()[-1],
                         "| what | 4.000 | 4.000 (peer) | 1.00 | ratio <= 0.5 | **missed** | 3–5; 4–4 |")


class Running(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)

    def test_the_sides_take_turns_and_the_first_round_is_checked_and_not_counted(self):
        seen = []

        def side(name):
            return Side(name, lambda: seen.append(name) or Command(["/bin/true"]), lambda: seen.append(f"check {name}"))

        samples = take_turns([side("a"), side("b")], 2, self.scratch)
        self.assertEqual(seen, ["a", "check a", "b", "check b", "a", "b", "a", "b"])
        self.assertEqual({n: len(s) for n, s in samples.items()}, {"a": 2, "b": 2})

    def test_a_command_that_fails_is_a_failed_step_with_its_words(self):
        with self.assertRaises(StepFailed) as caught:
            run(Command(["sh", "-c", "echo sad >&2; exit 3"]), self.scratch)
        self.assertEqual(str(caught.exception), "sh -c echo sad >&2; exit 3: exit 3\nsad\n")

    def test_the_time_of_processor_is_that_of_the_command_and_of_what_it_started(self):
        waits = run(Command(["sleep", "0.2"]), self.scratch)
        works = run(Command(["sh", "-c", f"{sys.executable} -c 'while __import__(\"time\").process_time() < 0.2: pass'; exit 0"]), self.scratch)
        self.assertGreaterEqual(works.cpu, 0.2)
        self.assertLess(waits.cpu, works.cpu)

    def test_data_is_the_same_on_every_machine(self):
        sizes = fixtures.Sizes({"S": (2, 10_000)}, {}, 0)
        folder = fixtures.blobs(self.scratch, "S", sizes)
        self.assertEqual(fixtures.checksum(folder / "manifest.json"), "0cb96c48f61bc2093a7f20fba161313cc4194684a99dc39911599ce19cd32300")
        self.assertEqual(next(fixtures.orders(1)), (
            1, 22542, 826.78, '2023-11-14 22:14:16', 51.68313694000244, 'customer order with blue customer order open invoice with'))
        self.assertEqual(next(fixtures.iris_orders(1)), (
            1, 'partial the', 'customer invoice paid open late invoice order late late', '2538400.74', '1980-10-17', 25.26857280731201, 468146))

    def test_other_bytes_are_found(self):
        for name, content in (("a", "1"), ("b", "2")):
            (self.scratch / name).mkdir()
            (self.scratch / name / "f").write_text(content)
        with self.assertRaises(StepFailed):
            fixtures.same_folder(self.scratch / "a", self.scratch / "b")


if __name__ == "__main__":
    unittest.main()
