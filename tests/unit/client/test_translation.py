"""Every sentence of concctl is in every language, and nothing else is."""

import pathlib
import re
import string
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]


def entries(text):
    """The sentences and their translations of a .po file, each on one line, without the header."""
    found = {}
    for sentence, translation in re.findall(r'^msgid (".*")\nmsgstr (".*")$', text, re.MULTILINE):
        if sentence != '""':
            found[sentence] = translation
    return found


def normalised(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


class Translation(unittest.TestCase):
    def setUp(self):
        sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "client").rglob("*.cpp"))
        template = normalised("xgettext", "--language=C++", "--from-code=UTF-8", "--keyword=_", "--no-wrap", "-o", "-",
                              *sources)
        self.sentences = entries(template)
        self.languages = sorted((ROOT / "client/po").glob("*.po"))

    def test_there_is_something_to_compare(self):
        self.assertGreater(len(self.sentences), 100)
        self.assertIn("es.po", [path.name for path in self.languages])

    def test_each_language_has_the_sentences_of_the_sources_and_no_others(self):
        for path in self.languages:
            with self.subTest(path.name):
                known = entries(normalised("msgattrib", "--no-obsolete", "--no-wrap", str(path)))
                self.assertEqual(sorted(known), sorted(self.sentences), "run client/po/update and translate")
                self.assertEqual([sentence for sentence, translation in known.items() if translation == '""'], [])

    def test_nothing_is_fuzzy_or_left_over(self):
        for path in self.languages:
            with self.subTest(path.name):
                self.assertEqual(normalised("msgattrib", "--only-fuzzy", str(path)), "")
                self.assertEqual(normalised("msgattrib", "--only-obsolete", str(path)), "")

    def test_a_translation_fills_in_the_same_places(self):
        for path in self.languages:
            for sentence, translation in entries(normalised("msgcat", "--no-wrap", str(path))).items():
                with self.subTest(path.name, sentence=sentence):
                    self.assertEqual(places(translation), places(sentence))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
