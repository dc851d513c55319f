"""Every kind of journal entry is explained, in English and in Spanish, with fields that it has."""

import re
import unittest

from tests.lint import sources
from tests.support import message_id

ENTRY = re.compile(r"^-- (\w{32})\nSubject: (.+)\n((?:[\w-]+: .*\n)+)\n((?:.|\n)*?)(?=^-- |\Z)", re.MULTILINE)


def entries(name):
    return {entry[0]: entry[1:] for entry in ENTRY.findall((sources.ROOT / "systemd" / name).read_text())}


class JournalCatalog(unittest.TestCase):
    def test_each_message_id_is_explained_and_no_other(self):
        for name in ("concd.catalog", "concd.es.catalog"):
            with self.subTest(name):
                self.assertEqual(set(entries(name)), set(message_id.ALL.values()))

    def test_both_languages_name_the_same_fields(self):
        english, spanish = entries("concd.catalog"), entries("concd.es.catalog")
        for identity, texts in english.items():
            self.assertEqual(*(set(re.findall(r"@\w+@", " ".join(language)))
                               for language in (texts, spanish[identity])), identity)

    def test_ids_differ(self):
        self.assertEqual(len(set(message_id.ALL.values())), len(message_id.ALL))
