"""What a deposited file really is, tried with files made here."""

import io
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from certify.core import sniffing
from certify.core.errors import Invalid
from tests.factories.logbook import archive, docx, pdf, photo

ODT = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<office/>"}
XLSX = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
HTML = b"<!doctype html><html><script>alert(1)</script></html>"


def type_of(content: bytes, name: str) -> str:
    return sniffing.media_type(content, name, sniffing.EVIDENCE)


def reason(content: bytes, name: str) -> str:
    with pytest.raises(Invalid) as refusal:
        type_of(content, name)
    assert refusal.value.field == "file"
    return str(refusal.value.message)


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (photo(), "salle.jpg", "image/jpeg"),
        (photo(), "SALLE.JPEG", "image/jpeg"),
        (photo(kind="PNG"), "salle.png", "image/png"),
        (photo(kind="WEBP"), "salle.webp", "image/webp"),
        (photo(kind="PNG"), "salle.jpg", "image/png"),
        (pdf(), "affiche.pdf", "application/pdf"),
        (docx(), "compte-rendu.docx", sniffing._WORD),
        (archive(XLSX), "présences.xlsx", sniffing._EXCEL),
        (archive(ODT), "compte-rendu.odt", sniffing._WRITER),
    ],
)
def test_what_the_name_and_the_bytes_say_together_is_accepted(content: bytes, name: str, expected: str) -> None:
    assert type_of(content, name) == expected


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (HTML, "page.pdf", "n’est pas un PDF"),
        (b"MZ\x90\x00" + bytes(200), "affiche.pdf", "n’est pas un PDF"),
        (pdf()[:-8], "coupé.pdf", "incomplet"),
        (HTML, "photo.jpg", "n’est pas une photo"),
        (pdf(), "photo.png", "n’est pas une photo"),
        (b"GIF89a" + bytes(50), "anime.jpg", "n’est pas une photo"),
        (HTML, "page.html", "n’est pas accepté"),
        (b"<svg onload='alert(1)'/>", "dessin.svg", "n’est pas accepté"),
        (b"", "sans-extension", "n’est pas accepté"),
        (b"pdf", "pdf", "n’est pas accepté"),
        (HTML, "texte.docx", "illisible"),
        (docx()[:40], "coupé.docx", "illisible"),
        (archive(XLSX), "faux.docx", "n’est pas un document bureautique"),
        (archive({"index.html": HTML}), "site.odt", "n’est pas un document bureautique"),
        (docx(**{"../../etc/passwd": b"x"}), "evade.docx", "n’est pas un document bureautique"),
        (docx(**{"word/vbaProject.bin": b"x"}), "macros.docx", "macros"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_with_the_reason(content: bytes, name: str, words: str) -> None:
    assert words in reason(content, name)


def test_an_archive_that_unpacks_without_measure_is_refused() -> None:
    bomb = docx(**{"word/media/image1.bmp": bytes(40 * 1024 * 1024)})
    assert len(bomb) < 1024 * 1024
    assert "démesuré" in reason(bomb, "bombe.docx")


def test_an_archive_of_very_many_members_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("word/document.xml", b"<document/>")
        for number in range(2100):
            packed.writestr(f"word/{number}.xml", b"")
    assert "démesuré" in reason(out.getvalue(), "multitude.docx")


def test_a_photo_leaves_place_device_date_and_comments_behind() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0132] = "Fabricant de téléphone", "2026:06:12 14:02:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 3.0)})
    told = photo(exif=exif, comment=b"Chez Mme Exemple", icc_profile=b"profil d'appareil")
    assert b"Fabricant" in told
    clean, media_type = sniffing.clean_image(told, 10_000_000)
    with Image.open(io.BytesIO(clean)) as image:
        assert dict(image.getexif()) == {}
        assert not {"exif", "comment", "icc_profile", "xmp"} & image.info.keys()
    assert media_type == "image/jpeg"
    assert not any(word in clean for word in (b"Fabricant", b"Exemple", b"2026:06", b"profil"))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_pictures_of_every_kind_leave_their_texts_behind(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Fabricant de téléphone"
    more = {"exif": exif}
    if kind == "PNG":
        texts = PngInfo()
        texts.add_text("Author", "Mme Exemple")
        more["pnginfo"] = texts
    clean, _ = sniffing.clean_image(photo(kind=kind, **more), 10_000_000)
    assert b"Fabricant" not in clean
    assert b"Exemple" not in clean


def test_a_photo_taken_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    clean, _ = sniffing.clean_image(photo(40, 20, exif=exif), 10_000)
    with Image.open(io.BytesIO(clean)) as image:
        assert image.size == (20, 40)


def test_the_double_photo_of_some_phones_is_accepted_as_one() -> None:
    out = io.BytesIO()
    first, second = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (32, 32), "blue")
    first.save(out, "MPO", save_all=True, append_images=[second])
    assert type_of(out.getvalue(), "IMG_0001.jpg") == "image/jpeg"
    clean, media_type = sniffing.clean_image(out.getvalue(), 10_000)
    assert media_type == "image/jpeg"
    with Image.open(io.BytesIO(clean)) as image:
        assert image.format == "JPEG"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_picture_of_any_colour_mode_is_drawn_anew(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, "PNG")
    clean, media_type = sniffing.clean_image(out.getvalue(), 100)
    assert media_type == "image/png"
    with Image.open(io.BytesIO(clean)) as image:
        assert image.size == (8, 8)


def test_a_transparent_picture_stays_transparent() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(out, "PNG")
    clean, _ = sniffing.clean_image(out.getvalue(), 100)
    with Image.open(io.BytesIO(clean)) as image:
        assert image.convert("RGBA").getpixel((0, 0))[3] == 0


def test_a_picture_of_too_many_pixels_is_not_decoded() -> None:
    with pytest.raises(Invalid, match="trop de pixels"):
        sniffing.clean_image(photo(200, 100), 19_999)


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


@pytest.mark.parametrize("side", [12_000, 60_000])
def test_a_small_file_that_announces_a_huge_picture_is_refused(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(bytes(100)))
    with pytest.raises(Invalid, match="trop de pixels"):
        sniffing.clean_image(bomb, 60_000_000)
    assert "trop de pixels" in reason(bomb, "immense.png")


def test_a_photo_cut_on_its_way_is_refused() -> None:
    with pytest.raises(Invalid, match="illisible"):
        sniffing.clean_image(photo(800, 600)[:2000], 10_000_000)


@settings(max_examples=150)
@given(
    st.sampled_from([photo(16, 12), photo(16, 12, "PNG"), photo(16, 12, "WEBP"), pdf(), docx()]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=12),
    st.sampled_from(["a.jpg", "a.png", "a.webp", "a.pdf", "a.docx", "a.xlsx", "a.odt"]),
)
def test_damaged_files_are_accepted_or_refused_never_anything_else(
    content: bytes, hits: list[tuple[int, int]], name: str
) -> None:
    damaged = bytearray(content)
    for place, value in hits:
        damaged[place % len(damaged)] = value
    found = None
    with suppress(Invalid):
        found = type_of(bytes(damaged), name)
        if found in sniffing.IMAGES:
            found = sniffing.clean_image(bytes(damaged), 10_000)[1]
    assert found is None or found in sniffing.EVIDENCE


@given(st.binary(max_size=300), st.sampled_from(sniffing.EXTENSIONS))
def test_any_bytes_are_accepted_or_refused_never_anything_else(content: bytes, extension: str) -> None:
    found = None
    with suppress(Invalid):
        found = type_of(content, f"fichier.{extension}")
    assert found is None or found in sniffing.EVIDENCE
