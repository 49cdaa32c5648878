"""Texts for the 1,000 ImageNet classes from WordNet 3.0 (Debian package `wordnet-base`)."""

from dataclasses import dataclass, field
from pathlib import Path

DATABASE = Path("/usr/share/wordnet/data.noun")

# Too general to describe a picture: hypernyms stop here.
ROOTS = {
    "entity", "physical entity", "object", "whole", "living thing", "organism", "matter", "abstraction",
    "artifact", "unit", "group", "thing", "instrumentality", "chordate", "vertebrate", "causal agent",
    "placental", "physical object", "substance", "abstract entity", "attribute", "relation", "part",
}  # fmt: skip


@dataclass
class Synset:
    words: list
    gloss: str
    parents: list = field(default_factory=list)


def read():
    """Synsets by offset."""
    synsets = {}
    for line in DATABASE.read_text(encoding="latin-1").splitlines():
        if line.startswith(" "):
            continue
        body, _, gloss = line.partition("|")
        columns = body.split()
        count = int(columns[3], 16)
        words = [columns[4 + 2 * index].replace("_", " ") for index in range(count)]
        pointers = columns[4 + 2 * count + 1 :]
        parents = [offset for mark, offset in zip(pointers[::4], pointers[1::4]) if mark in ("@", "@i")]
        synsets[columns[0]] = Synset(words, gloss.split(";")[0].strip().strip('"'), parents)
    return synsets


@dataclass
class ClassText:
    names: list  # the class's own name and its synonyms
    gloss: str
    ancestors: list  # names of kinds it belongs to, nearest first


def class_texts(labels):
    """One ClassText for each (WordNet id, name)."""
    synsets = read()
    result = []
    for identifier, name in labels:
        synset = synsets[identifier[1:]]
        names = [name] + [word for word in synset.words if word.lower() != name.lower()]
        ancestors, parents = [], list(synset.parents)
        while parents:
            parent = synsets[parents.pop(0)]
            if parent.words[0] not in ROOTS and parent.words[0] not in ancestors:
                ancestors.append(parent.words[0])
            parents += parent.parents
        result.append(ClassText(names, synset.gloss, ancestors))
    return result


# lexicographer files: animals, artifacts, bodies, food, objects, persons, plants
CONCRETE = {"05", "06", "08", "13", "17", "18", "20"}


def concrete_nouns():
    """Names of things one can see, in no order that matters."""
    names = set()
    for line in DATABASE.read_text(encoding="latin-1").splitlines():
        if not line.startswith(" ") and line.split(" ", 2)[1] in CONCRETE:
            names.add(line.split(" ", 5)[4].replace("_", " "))
    return sorted(names)


def load_classes(data):
    """The ClassText of every class, in the classifier's order."""
    labels = Path(data, "one-photo-per-class", "labels.tsv").read_text().splitlines()
    return class_texts([line.split("\t")[1:3] for line in labels])


def kinds(classes):
    """The names of all kinds that the classes belong to."""
    return sorted({name for item in classes for name in item.ancestors})
