"""The XML of MNS, both ways: request bodies are read with suspicion, replies are written escaped."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from localcloud.mns.errors import MnsError, out_of_range, schema_violation

NAMESPACE = "http://mns.aliyuncs.com/doc/v1/"
# A full batch is 64 KB of bodies (help.aliyun.com 35135); nothing honest comes near this.
_LARGEST_BODY = 1_000_000
_INTEGER = re.compile(r"-?[0-9]{1,10}")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _NoDoctype(ElementTree.TreeBuilder):
    """Entities can only be declared in a DOCTYPE, and the parser meets its name before any of them."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise MnsError("MalformedXML", f"A DOCTYPE is refused: {name}")


def parse(body: bytes, *roots: str) -> ElementTree.Element:
    """The root element, which must be one of `roots`."""
    if len(body) > _LARGEST_BODY:
        raise out_of_range("the request body", 0, _LARGEST_BODY, "bytes")
    try:
        # As text, so that no encoding declaration is believed: help.aliyun.com 27487 allows UTF-8 only.
        parser = ElementTree.XMLParser(target=_NoDoctype())  # noqa: S314 - no DOCTYPE, no entities; size is bounded
        root = ElementTree.fromstring(body.decode(), parser=parser)  # noqa: S314 - as above
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise MnsError("MalformedXML", error) from error
    if local_name(root) not in roots:
        raise schema_violation(f"{local_name(root)} Element; expected {' or '.join(roots)}")
    return root


def local_name(element: ElementTree.Element) -> str:
    """Without the namespace, which must be MNS's own or none: some clients leave it out."""
    namespace, _, name = element.tag.rpartition("}")
    if namespace not in ("", "{" + NAMESPACE):
        raise schema_violation(f"{name} Element of namespace {namespace[1:]}")
    return name


def fields(element: ElementTree.Element, known: Iterable[str]) -> dict[str, str]:
    """The children's texts by name; one that is unknown, nested or repeated is refused by name."""
    allowed, found = set(known), dict[str, str]()
    for child in element:
        name = local_name(child)
        if name not in allowed or name in found or len(child):
            raise schema_violation(f"{name} Element in {local_name(element)}")
        found[name] = child.text or ""
    return found


def integer(name: str, text: str) -> int:
    if not _INTEGER.fullmatch(text.strip()):
        raise schema_violation(f"{name} Element: “{text}” is not an integer")
    return int(text)


def boolean(name: str, text: str) -> bool:
    """help.aliyun.com 35129 writes True and False; the SDKs do not agree on the case."""
    match text.strip().lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise schema_violation(f"{name} Element: “{text}” is neither True nor False")


@dataclass(frozen=True)
class Node:
    name: str
    content: "str | tuple[Node, ...]"


def node(name: str, *content: Node) -> Node:
    return Node(name, content)


def nodes_of(values: Mapping[str, object]) -> tuple[Node, ...]:
    return tuple(Node(name, str(value)) for name, value in values.items())


def render(root: Node) -> bytes:
    """On several lines: a recorded reply of the service is, though help.aliyun.com 27486 says that none is."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + _lines(root, "", f' xmlns="{NAMESPACE}"')).encode()


def _lines(element: Node, indent: str, attributes: str = "") -> str:
    opening, closing = f"{indent}<{element.name}{attributes}>", f"</{element.name}>\n"
    if isinstance(element.content, str):
        # A bare carriage return would reach the reader as a line feed; XML 1.0 cannot hold other controls at all.
        text = _NOT_XML.sub("\ufffd", element.content)
        return opening + escape(text, {"\r": "&#13;"}) + closing
    return opening + "\n" + "".join(_lines(child, indent + "  ") for child in element.content) + indent + closing
