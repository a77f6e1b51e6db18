"""Reading documents back with other programs than those that made them."""

import io
import re
import subprocess
from pathlib import Path

import zxingcpp
from PIL import Image
from pypdf import PdfReader


def words_of(content: bytes) -> str:
    """Return the text of every page, on one line."""
    reader = PdfReader(io.BytesIO(content))
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def pages_of(content: bytes) -> int:
    """Return how many pages another library counts."""
    return len(PdfReader(io.BytesIO(content)).pages)


def picture_of(content: bytes, folder: Path, dpi: int = 110) -> Image.Image:
    """Return the first page as poppler draws it."""
    source = folder / "document.pdf"
    source.write_bytes(content)
    subprocess.run(["pdftoppm", "-png", "-r", str(dpi), "-singlefile", source, folder / "page"], check=True)
    with Image.open(folder / "page.png") as picture:
        return picture.convert("RGB")


def codes_in(picture: Image.Image) -> list[str]:
    """Return what every QR code of a picture says."""
    return [found.text for found in zxingcpp.read_barcodes(picture)]
