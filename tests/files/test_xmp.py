from __future__ import annotations

import pytest

from retint.files import xmp

SCAN = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/negativeFilm">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Caf\xc3\xa9, 1931</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
SAID = {"Software": "retint 1", "Options": {"seed": 3, "prompt": 'a "red" <barn> & more'}}


def test_provenance_is_read_back_and_other_xmp_is_kept() -> None:
    packet = xmp.with_provenance(SCAN, SAID)
    assert xmp.provenance(packet) == SAID
    assert "Café, 1931" in packet.decode()
    assert xmp.SOURCE_TYPE in packet.decode()
    assert packet.decode().count("DigitalSourceType=") == 1


def test_removed_provenance_leaves_the_rest_of_the_packet() -> None:
    packet = xmp.without_provenance(xmp.with_provenance(SCAN, SAID)).decode()
    assert "Café, 1931" in packet
    assert "negativeFilm" in packet
    assert "retint" not in packet.replace("urn:", "")
    assert xmp.SOURCE_TYPE not in packet


def test_a_picture_without_xmp_has_none_afterwards() -> None:
    packet = xmp.with_provenance(b"", SAID)
    assert xmp.provenance(packet) == SAID
    assert xmp.without_provenance(packet) == b""


def test_provenance_of_the_last_run_replaces_the_earlier() -> None:
    twice = xmp.with_provenance(xmp.with_provenance(SCAN, {"Method": "unet"}), SAID)
    assert xmp.provenance(twice) == SAID
    assert "negativeFilm" in xmp.without_provenance(twice).decode()


def test_strangers_packets_are_left_alone() -> None:
    assert xmp.provenance(SCAN) is None
    assert xmp.without_provenance(SCAN) == SCAN


AI = "Iptc4xmpExt:AI"
ASKED = {
    "Software": "retint 0.2.0",
    "Method": "diffusion",
    "Options": {"prompt": "a red barn", "negative_prompt": "snow"},
    "Hints": {"points": [{"x": 1, "y": 2, "color": "#102030"}], "strokes": [{"color": "#102030"}]},
}


def test_iptc_states_the_system_its_version_and_what_it_was_told() -> None:
    packet = xmp.with_provenance(b"", ASKED).decode()
    assert f'{AI}SystemUsed="retint (diffusion)"' in packet
    assert f'{AI}SystemVersionUsed="0.2.0"' in packet
    told = "a red barn; not: snow; colors at marked places: #102030"
    assert f'{AI}PromptInformation="{told}"' in packet


def test_iptc_has_no_prompt_where_nobody_steered() -> None:
    packet = xmp.with_provenance(b"", {"Software": "retint 0.2.0", "Method": "unet"}).decode()
    assert f'{AI}SystemUsed="retint (unet)"' in packet
    assert "PromptInformation" not in packet


def test_an_earlier_system_is_kept_and_stated_again_when_colors_are_removed() -> None:
    other = SCAN.replace(
        b"<dc:title>", b"<Iptc4xmpExt:AISystemUsed>Upscaler</Iptc4xmpExt:AISystemUsed><dc:title>"
    )
    once = xmp.with_provenance(other, ASKED)
    twice = xmp.with_provenance(once, {"Software": "retint 0.2.0", "Method": "unet"})
    assert twice.count(b"AISystemUsed=") == 2  # IPTC's, and retint's copy of the earlier one
    assert "red barn" not in twice.decode()
    plain = xmp.without_provenance(twice).decode()
    assert f'{AI}SystemUsed="Upscaler"' in plain
    assert f"{AI}SystemVersionUsed" not in plain


def test_a_file_that_is_no_packet_differs_from_an_empty_packet() -> None:
    empty = xmp.with_provenance(b"", SAID)
    assert xmp.is_same(xmp.without_provenance(empty), b"")
    assert not xmp.is_same(b"mine", b"")
    assert not xmp.is_same(b"", b"mine")


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<x:xmpmeta xmlns:x="adobe:ns:meta/">&b;</x:xmpmeta>"""


@pytest.mark.parametrize("packet", [b"", b"\0\0", b"no xml", SCAN[:200], BOMB, b"\xff" * 50])
def test_invalid_xmp_is_dropped(packet: bytes) -> None:
    assert xmp.provenance(packet) is None
    assert xmp.provenance(xmp.with_provenance(packet, SAID)) == SAID


def test_bare_rdf_is_understood() -> None:
    bare = SCAN[SCAN.index(b"<rdf:RDF") : SCAN.index(b"</x:xmpmeta>")]
    packet = xmp.with_provenance(bare, SAID)
    assert "Café, 1931" in packet.decode()
    assert xmp.provenance(packet) == SAID


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declarations_are_refused_in_every_encoding(encoding: str) -> None:
    bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>]>" + PACKET.format("&a;" * 10)
    assert xmp.provenance(bomb.encode(encoding)) is None
    written = xmp.with_provenance(bomb.encode(encoding), {"Software": "retint"})
    assert b"aaaa" not in written
    plain = PACKET.format("mine").encode(encoding)
    assert b"mine" in xmp.with_provenance(plain, {"Software": "retint"})


def test_deep_nesting_is_dropped() -> None:
    deep = "<a>" * 100_000 + "</a>" * 100_000
    assert b"<a>" not in xmp.with_provenance(PACKET.format(deep).encode(), {"Software": "retint"})


PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>'
    '<dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">{}</dc:title>'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
