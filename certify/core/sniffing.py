"""What a deposited file really is: type by content, archive members counted, pictures re-made without their EXIF data."""

import io
import zipfile

import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

from certify.core.errors import Invalid
from certify.core.i18n import lazy as _l

PDF = "application/pdf"
_OOXML = "application/vnd.openxmlformats-officedocument"
IMAGES = frozenset({"image/jpeg", "image/png", "image/webp"})
OFFICE = frozenset({f"{_OOXML}.wordprocessingml.document", f"{_OOXML}.spreadsheetml.sheet", "application/vnd.oasis.opendocument.text"})
EVIDENCE = IMAGES | OFFICE | {PDF}

_BY_EXTENSION = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "pdf": PDF,
    "docx": f"{_OOXML}.wordprocessingml.document", "xlsx": f"{_OOXML}.spreadsheetml.sheet", "odt": "application/vnd.oasis.opendocument.text",
}  # fmt: skip
EXTENSIONS = tuple(_BY_EXTENSION)
_ZIP_MAX_MEMBERS = 2000
_ZIP_MAX_BYTES = 200 * 1024 * 1024
_ZIP_MAX_RATIO = 200


def media_type(content: bytes, name: str, allowed: frozenset[str]) -> str:
    """Return the type that both the name and the bytes announce; raise Invalid when they differ or are not accepted."""
    announced = _BY_EXTENSION.get(name.rpartition(".")[2].lower())
    if announced is None or announced not in allowed:
        raise Invalid(_l("Ce type de fichier n’est pas accepté. Types acceptés : photo (JPEG, PNG, WebP), PDF, Word, Excel, LibreOffice."), "file")
    if announced in IMAGES:
        found = _image_type(content)
        if found not in IMAGES:
            raise Invalid(_l("Ce fichier n’est pas une photo lisible, malgré son nom."), "file")
        return found
    if announced == PDF:
        if not content.startswith(b"%PDF-") or _looks_like(content, ("html", "htm", "svg", "js")):
            raise Invalid(_l("Ce fichier n’est pas un PDF, malgré son nom."), "file")
        return announced
    _check_archive(content)
    return announced


def _looks_like(content: bytes, extensions: tuple[str, ...]) -> bool:
    try:
        return puremagic.from_string(content[:8192]).lstrip(".") in extensions
    except (puremagic.PureError, ValueError):
        return False


def _image_type(content: bytes) -> str | None:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            return Image.MIME.get(image.format or "")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError) as error:
        raise Invalid(_l("Ce document bureautique est illisible : il est abîmé ou d’un autre type que son nom."), "file") from error
    size = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if len(members) > _ZIP_MAX_MEMBERS or size > _ZIP_MAX_BYTES or size / packed > _ZIP_MAX_RATIO:
        raise Invalid(_l("Ce document se déplie en un contenu démesuré : il n’a pas été gardé."), "file")
    names = {member.filename for member in members}
    if not names & {"[Content_Types].xml", "mimetype", "content.xml"} or any(".." in name.split("/") or name.startswith("/") for name in names):
        raise Invalid(_l("Ce fichier n’est pas un document bureautique, malgré son nom."), "file")


def clean_image(content: bytes, max_pixels: int) -> tuple[bytes, str]:
    """Return the picture drawn anew, upright, without its EXIF data (place, device, date), and its type.

    Raises Invalid when it is larger than `max_pixels` or cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > max_pixels:
                raise Invalid(_l("Cette photo a trop de pixels : réduisez-la avant de la déposer."), "file")
            kind = image.format or "PNG"
            upright = ImageOps.exif_transpose(image)
            upright = upright.convert("RGB") if kind == "JPEG" else upright.convert("RGBA") if upright.mode not in ("RGB", "L", "RGBA") else upright
            bare = Image.new(upright.mode, upright.size)
            bare.paste(upright)
            out = io.BytesIO()
            bare.save(out, kind, quality=85)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid(_l("Cette photo est illisible : elle est abîmée ou d’un autre type que son nom."), "file") from error
    return out.getvalue(), str(Image.MIME[kind])
