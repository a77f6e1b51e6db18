"""Sound and moving pictures: told by their first bytes, and emptied of what they say of a place."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.core import media
from certify.core.errors import Invalid
from tests.factories.evidence import PLACE, sound, video


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (video()[:64], "video/mp4"),
        (video(brand=b"qt  ")[:64], "video/quicktime"),
        (video(brand=b"M4A ")[:64], "audio/mp4"),
        (b"\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1f\x42\x86webm", "video/webm"),
        (b"OggS\x00\x02", "audio/ogg"),
        (sound()[:64], "audio/wav"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x44", "audio/mpeg"),
    ],
)
def test_each_type_is_told_by_its_first_bytes_and_is_no_other(head: bytes, media_type: str) -> None:
    told = {one for one in media.TYPES if media.is_announced(head, one)}
    assert media_type in told
    assert told <= (media.ISO if media_type in media.ISO else {media_type})


@pytest.mark.parametrize(
    "head", [b"", b"\xff\xd8\xff\xe0", b"\x00\x00\x00\x18ftypheic", b"\x1a\x45\xdf\xa3matroska", b"<"]
)
def test_what_is_no_recording_is_told_as_none(head: bytes) -> None:
    assert [one for one in media.TYPES if media.is_announced(head, one)] == []


def test_a_video_keeps_its_length_and_its_pictures_and_loses_its_place() -> None:
    content = video(9000)
    bare = media.without_place(content, "video/mp4")
    assert content.count(PLACE) == 4
    assert PLACE not in bare
    assert len(bare) == len(content)
    assert bare[-5000:] == content[-5000:]
    assert bare.count(b"vide") == 1
    assert media.without_place(bare, "video/mp4") == bare


@pytest.mark.parametrize("kept", [10, 400, 3999])
def test_a_video_cut_on_its_way_is_refused(kept: int) -> None:
    with pytest.raises(Invalid, match="coupé en chemin"):
        media.without_place(video(4000)[:kept], "video/mp4")


def test_a_sound_is_left_as_it_is() -> None:
    assert media.without_place(sound(), "audio/wav") == sound()


@given(size=st.integers(300, 4000), step=st.integers(1, 700))
def test_writing_over_gives_the_same_however_the_bytes_come(size: int, step: int) -> None:
    content = video(size)
    blanks = media.place_of(lambda start, length: content[start : start + length], len(content), "video/mp4")
    chunks = [content[start : start + step] for start in range(0, len(content), step)]
    assert b"".join(media.written_over(chunks, blanks)) == media.without_place(content, "video/mp4")


@given(st.binary(max_size=400))
def test_whatever_the_bytes_a_video_is_cleaned_for_good_or_refused(content: bytes) -> None:
    with suppress(Invalid):
        content = media.without_place(content, "video/mp4")
    again = content
    with suppress(Invalid):
        again = media.without_place(content, "video/mp4")
    assert again == content
