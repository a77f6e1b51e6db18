"""What a deposited file really is: type by content, archives measured, pictures made anew without their EXIF data."""

import io
import struct
import zipfile
import zlib
from typing import Any

import puremagic
from PIL import Image, UnidentifiedImageError

from certify.core import media
from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l

PDF = "application/pdf"
_OOXML = "application/vnd.openxmlformats-officedocument"
_WORD = f"{_OOXML}.wordprocessingml.document"
_EXCEL = f"{_OOXML}.spreadsheetml.sheet"
_WRITER = "application/vnd.oasis.opendocument.text"
IMAGES = frozenset({"image/jpeg", "image/png", "image/webp"})
OFFICE = frozenset({_WORD, _EXCEL, _WRITER})
EVIDENCE = IMAGES | OFFICE | {PDF}
PIECES = EVIDENCE | media.TYPES
"""What a piece of evidence that stands by itself may be: sound and moving pictures too."""

_BY_EXTENSION = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": PDF,
    "docx": _WORD,
    "xlsx": _EXCEL,
    "odt": _WRITER,
    **media.BY_EXTENSION,
}
EXTENSIONS = tuple(name for name, kind in _BY_EXTENSION.items() if kind in EVIDENCE)
_HEART = {_WORD: "word/document.xml", _EXCEL: "xl/workbook.xml", _WRITER: "content.xml"}
"""The member without which an archive is not the document it says it is."""
_ZIP_MAX_MEMBERS = 2000
_ZIP_MAX_BYTES = 200 * 1024 * 1024
_ZIP_MAX_RATIO = 200

_PICTURES = ("JPEG", "PNG", "WEBP")
# Phones put a second picture (depth, wide range of light) behind the first one: Pillow calls that JPEG an MPO.
_SAVED_AS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# What Pillow's decoders raise on damaged bytes, besides its own error.
_DAMAGED = (
    UnidentifiedImageError,
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    TypeError,
    LookupError,
    ArithmeticError,
    struct.error,
    zlib.error,
    MemoryError,
)
BROKEN_ARCHIVE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    # Archives locked with a password, or packed in a way that `zipfile` does not know.
    RuntimeError,
)
"""What `zipfile` raises on an archive that is damaged, or that it does not open."""


def announced_type(name: str, allowed: frozenset[str]) -> str:
    """Return the type that the name of a file announces; raise Invalid when it is not accepted."""
    announced = _BY_EXTENSION.get(name.rpartition(".")[2].lower()) if "." in name else None
    if announced is None or announced not in allowed:
        raise Invalid(_not_accepted(allowed), "file")
    return announced


def media_type(content: bytes, name: str, allowed: frozenset[str]) -> str:
    """Return the type that both the name and the bytes announce; raise Invalid when they differ or are not accepted."""
    announced = announced_type(name, allowed)
    if announced in IMAGES:
        return _picture_type(content)
    if announced == PDF:
        _check_pdf(content)
    elif announced in media.TYPES:
        check_recording(content[: media.HEAD], announced)
    else:
        _check_archive(content, announced)
    return announced


def check_recording(head: bytes, announced: str) -> None:
    """Refuse a sound or a video whose first bytes are not those of the type its name announces."""
    if not media.is_announced(head, announced) or _looks_like(head, ("html", "htm", "svg", "js")):
        raise Invalid(_l("Ce fichier n’est pas un enregistrement lisible, malgré son nom."), "file")


def _not_accepted(allowed: frozenset[str]) -> Any:
    if allowed >= media.TYPES:
        return _l(
            "Ce type de fichier n’est pas accepté. Choisissez une photo (JPEG, PNG, WebP), un PDF, un document, "
            "un son (MP3, M4A, OGG, WAV) ou une vidéo (MP4, MOV, WebM)."
        )
    return _l("Ce type de fichier n’est pas accepté. Choisissez une photo (JPEG, PNG, WebP), un PDF ou un document.")


def _check_pdf(content: bytes) -> None:
    if not content.startswith(b"%PDF-") or _looks_like(content, ("html", "htm", "svg", "js")):
        raise Invalid(_l("Ce fichier n’est pas un PDF, malgré son nom."), "file")
    if b"%%EOF" not in content:
        raise Invalid(_l("Ce PDF est incomplet : il a été coupé en chemin. Envoyez-le de nouveau."), "file")


def _looks_like(content: bytes, extensions: tuple[str, ...]) -> bool:
    try:
        return puremagic.from_string(content[:8192]).lstrip(".") in extensions
    except (puremagic.PureError, ValueError):
        return False


def _picture_type(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content), formats=_PICTURES) as image:
            return str(Image.MIME[_SAVED_AS[image.format or ""]])
    except _TOO_LARGE as error:
        raise _too_many_pixels() from error
    except _DAMAGED as error:
        raise Invalid(_l("Ce fichier n’est pas une photo lisible, malgré son nom."), "file") from error


def _check_archive(content: bytes, announced: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except BROKEN_ARCHIVE as error:
        raise Invalid(
            _l("Ce document bureautique est illisible : il est abîmé ou d’un autre type que son nom."), "file"
        ) from error
    size = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if len(members) > _ZIP_MAX_MEMBERS or size > _ZIP_MAX_BYTES or size / packed > _ZIP_MAX_RATIO:
        raise Invalid(_l("Ce document se déplie en un contenu démesuré : il n’a pas été gardé."), "file")
    names = {member.filename for member in members}
    if _HEART[announced] not in names or any(".." in name.split("/") or name.startswith("/") for name in names):
        raise Invalid(_l("Ce fichier n’est pas un document bureautique, malgré son nom."), "file")
    if any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names):
        raise Invalid(_l("Ce document contient des macros : enregistrez-le sans elles, ou en PDF."), "file")


def clean_image(content: bytes, max_pixels: int) -> tuple[bytes, str]:
    """Return the picture drawn anew, upright, without its EXIF data (place, device, date), and its type.

    Raises Invalid when it is larger than `max_pixels` or cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_PICTURES) as image:
            if image.width * image.height > max_pixels:
                raise _too_many_pixels()
            kind = _SAVED_AS[image.format or ""]
            turn = _UPRIGHT.get(image.getexif().get(_ORIENTATION, 1))
            bare = image.convert(_mode(image, kind))
            if turn is not None:
                bare = bare.transpose(turn)
            # Whatever stood beside the pixels (EXIF, XMP, comments, profiles) is kept here and would be written again.
            bare.info = {}
            out = io.BytesIO()
            bare.save(out, kind, quality=85)
    except _TOO_LARGE as error:
        raise _too_many_pixels() from error
    except _DAMAGED as error:
        raise Invalid(
            _l("Cette photo est illisible : elle est abîmée ou d’un autre type que son nom."), "file"
        ) from error
    return out.getvalue(), str(Image.MIME[kind])


def _mode(image: Image.Image, kind: str) -> str:
    if kind == "JPEG":
        return "L" if image.mode == "L" else "RGB"
    return "RGBA" if image.has_transparency_data else "RGB"


def _too_many_pixels() -> Invalid:
    return Invalid(_l("Cette photo a trop de pixels : réduisez-la avant de la déposer."), "file")
