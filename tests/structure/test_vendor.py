"""What other people made and we ship: every file is the one that was looked at, and nothing came in unlisted."""

import hashlib
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "certify" / "static"
SUMS = STATIC / "vendor" / "SHA256SUMS"
OURS = {"vendor/SHA256SUMS", "fonts/OFL.txt"}
NAMES = "Łukasz Dvořák · Nguyễn Thị Ánh · Zoë Œuvrard · Ħrvoje Ğüneş · José Ibáñez"
SIGNS = "● ◐ ○ – ← → ✓ ✗ « » ’ … · € ° \u00a0 \u202f \u2011"


def listed() -> dict[str, str]:
    lines = [line for line in SUMS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}


def test_every_vendored_file_is_the_one_listed() -> None:
    wrong = [
        path for path, digest in listed().items() if hashlib.sha256((STATIC / path).read_bytes()).hexdigest() != digest
    ]
    assert wrong == []


def test_nothing_vendored_is_left_unlisted() -> None:
    here = {
        str(path.relative_to(STATIC)) for folder in ("vendor", "fonts", "icons") for path in (STATIC / folder).iterdir()
    }
    assert here - OURS == set(listed())


def test_every_group_of_files_names_its_package_and_version() -> None:
    comments = [
        line
        for line in SUMS.read_text(encoding="utf-8").splitlines()
        if line.startswith("# npm") or line.startswith("# merged")
    ]
    assert len(comments) == 7
    assert all(re.search(r"\d+\.\d+\.\d+.*\((MIT|0BSD|OFL-1\.1)\)$", line) for line in comments)


@pytest.mark.parametrize("style", ["Regular", "Bold", "Italic", "BoldItalic"])
def test_the_fonts_of_documents_draw_european_and_vietnamese_names_and_our_signs(style: str) -> None:
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(f"check-{style}", str(STATIC / "fonts" / f"NotoSans-{style}.ttf"))
    missing = {character for character in NAMES + SIGNS if ord(character) not in font.face.charToGlyph}
    assert missing == set()
    assert (STATIC / "fonts" / f"NotoSans-{style}.ttf").stat().st_size < 1_000_000


@pytest.mark.parametrize("sheet", sorted((STATIC / "styles").glob("*.css")), ids=lambda path: path.name)
def test_colours_are_named_in_the_tokens_only(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    colours = re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl)\(", text)
    assert bool(colours) is (sheet.name == "tokens.css")


@pytest.mark.parametrize("sheet", sorted((STATIC / "styles").glob("*.css")), ids=lambda path: path.name)
def test_style_sheets_ask_nothing_of_other_sites(sheet: Path) -> None:
    targets = re.findall(r"url\(\"?([^\")]+)", sheet.read_text(encoding="utf-8"))
    assert all((sheet.parent / target).resolve().is_file() for target in targets)


@pytest.mark.parametrize(
    "pair", re.findall(r"--([a-z0-9-]+)-ink: ", (STATIC / "styles" / "tokens.css").read_text(encoding="utf-8"))
)
def test_every_state_is_readable_on_its_tint(pair: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 between text and background."""
    tokens = dict(
        re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", (STATIC / "styles" / "tokens.css").read_text(encoding="utf-8"))
    )
    assert contrast(tokens[f"{pair}-ink"], tokens[f"{pair}-bg"]) >= 4.5


@pytest.mark.parametrize(
    ("text", "ground"),
    [("ink", "canvas"), ("muted", "canvas"), ("muted", "surface"), ("muted", "surface-sunken")]
    + [("pine", "surface"), ("pine", "canvas"), ("pine-dark", "pine-light")]
    + [("on-pine", "pine"), ("on-pine", "pine-dark")]
    + [("danger-ink", "surface"), ("danger-ink", "canvas")]
    + [("on-block", f"block-{number}") for number in range(1, 5)]
    + [("on-strong", f"{tone}-strong") for tone in ("ok", "warning", "danger", "neutral")],
)  # fmt: skip
def test_every_pair_of_text_and_ground_is_readable(text: str, ground: str) -> None:
    """WCAG 2.2, 1.4.3."""
    tokens = dict(
        re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", (STATIC / "styles" / "tokens.css").read_text(encoding="utf-8"))
    )
    assert contrast(tokens[text], tokens[ground]) >= 4.5


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
