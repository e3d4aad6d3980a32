"""python3 -m unittest discover -s deploy/demo"""
import datetime
import json
import pathlib
import tempfile
import unittest
from unittest import mock

import seed
import supervise

HERE = pathlib.Path(__file__).parent


def at(hour, minute):
    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 11, 24, hour, minute, 30, tzinfo=tz)
    return mock.patch("seed.datetime.datetime", Clock)


class Today(unittest.TestCase):
    def test_next_quarter_after_an_hour(self):
        with at(9, 20):
            start = seed.later_today()
        self.assertEqual((start.day, start.hour, start.minute), (24, 10, 30))

    def test_late_in_the_evening_it_is_still_today(self):
        with at(23, 20):
            start = seed.later_today()
        self.assertEqual((start.day, start.hour, start.minute), (24, 23, 30))

    def test_minutes_before_midnight_it_is_still_today(self):
        with at(23, 58):
            start = seed.later_today()
        self.assertEqual((start.day, start.hour, start.minute), (24, 23, 55))


class Events(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        seed.events(HERE / "demo.json", folder / "e", folder / "l")
        self.rows = [json.loads(line) for line in (folder / "e").read_text().splitlines()]
        self.links = json.loads((folder / "l").read_text())

    def test_no_token_is_written_into_the_log(self):
        text = json.dumps(self.rows)
        for token in self.links["people"].values():
            self.assertNotIn(token, text)

    def test_everybody_named_is_known(self):
        people = {row["d"]["person"] for row in self.rows if row["k"] == "person.added"}
        for row in self.rows:
            for member in row["d"].get("members", []):
                self.assertIn(member["person"], people)
            if row["k"] == "case.saved":
                self.assertIn(row["d"]["record"]["referrer"], people)

    def test_every_file_is_there(self):
        for rows in seed.FILES.values():
            for _, path in rows:
                self.assertTrue((HERE / path).is_file(), path)


class Arguments(unittest.TestCase):
    def options(self, *argv):
        known = ["supervise.py", "--root", "r", "--build", "b", "--node", "n", "--", *argv]
        with mock.patch("sys.argv", known):
            return supervise.arguments()

    def test_what_is_not_ours_goes_to_the_server_as_one_word(self):
        demo = self.options("--listen", "0.0.0.0", "--log.level=debug", "--port", "81", "--no-rehearsal")
        self.assertEqual(demo.options, ["--listen=0.0.0.0", "--log.level=debug"])
        self.assertEqual((demo.port, demo.wants_rehearsal), (81, False))


if __name__ == "__main__":
    unittest.main()
