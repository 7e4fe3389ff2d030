"""Read the texts of an Enhanced Metafile [MS-EMF], and of one that holds commands of GDI+ alone [MS-EMFPLUS]. Pure."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.attachments.formats.metafiles.pieces import NO_FACE, Face, Piece

_HEAD = struct.Struct("<II")
_SIGNATURE_AT, SIGNATURE = 40, b" EMF"
# Types of records (2.1.1).
_MOVE, _ALIGN, _SELECT, _FONT, _COMMENT = 27, 22, 37, 82, 70
_SAVE, _RESTORE, _SET_WORLD, _CHANGE_WORLD = 33, 34, 35, 36
# How a transform changes the one before (2.1.24): to none, before it, after it, in its place.
_NONE, _BEFORE, _BEHIND = 1, 2, 3
_TEXT_OF_BYTES, _TEXT, _SMALL_TEXT = 83, 84, 108
# Flags of a text (2.1.11): its letters are numbers of glyphs, it has no frame, its letters are bytes.
_GLYPHS, _WITHOUT_FRAME, _OF_BYTES = 0x10, 0x100, 0x200
# How a text is aligned to its place (2.1.14 of [MS-WMF]).
AT_POINT, FROM_RIGHT, FROM_MIDDLE, _SIDE = 1, 2, 6, 6
_FACE_AT, _FACE_BYTES = 40, 64
_MOST_LETTERS = 10_000
_MOST_SAVED = 1000
# Records of GDI+ (2.1.1.1 of [MS-EMFPLUS]).
_PLUS, _PLUS_HEAD = b"EMF+", struct.Struct("<HHII")
_STRING, _DRIVEN, _IS_TEXT = 0x401C, 0x4036, 1
_PLUS_HEIGHT = 10.0


@dataclass(frozen=True, slots=True)
class _World:
    """A transform of places (2.2.28)."""

    across: tuple[float, float, float] = (1.0, 0.0, 0.0)
    down: tuple[float, float, float] = (0.0, 1.0, 0.0)

    def place(self, left: float, base: float) -> tuple[float, float]:
        (a, c, e), (b, d, f) = self.across, self.down
        return a * left + c * base + e, b * left + d * base + f

    def then(self, other: "_World") -> "_World":
        """Return the transform that does this one, then the other."""
        x, y, zero = other.place(*self.place(1, 0)), other.place(*self.place(0, 1)), other.place(*self.place(0, 0))
        return _World((x[0] - zero[0], y[0] - zero[0], zero[0]), (x[1] - zero[1], y[1] - zero[1], zero[1]))

    @property
    def scale(self) -> float:
        return float((self.across[0] ** 2 + self.down[0] ** 2) ** 0.5)


@dataclass(slots=True)
class _State:
    """What the commands so far have set."""

    faces: dict[int, Face] = field(default_factory=dict)
    face: Face = NO_FACE
    align: int = 0
    at: tuple[float, float] = (0.0, 0.0)
    world: _World = field(default_factory=_World)
    saved: list[_World] = field(default_factory=list)

    def put(self, text: str, place: tuple[float, float], *, width: float) -> Piece | None:
        """Return a piece at its place on the page."""
        piece = place_piece(text, place, width=width, face=self.face, align=self.align, pen=self.at)
        if piece is None:
            return None
        scale = self.world.scale
        left, base = self.world.place(piece.left, piece.base)
        return Piece(piece.text, left, base, scale * piece.width, Face(self.face.name, scale * self.face.height))


def is_emf(data: bytes) -> bool:
    """Return whether bytes are an Enhanced Metafile."""
    return data.startswith(b"\x01\0\0\0") and data[_SIGNATURE_AT : _SIGNATURE_AT + 4] == SIGNATURE


def read_emf(data: bytes) -> list[Piece]:
    """Return the pieces of text that an Enhanced Metafile draws. What is before damage is returned."""
    state = _State()
    pieces: list[Piece] = []
    plus: list[Piece] = []
    try:
        for kind, start, end in _records(data):
            if kind == _COMMENT:
                plus += _read_plus(data[start:end])
            elif kind in (_TEXT, _TEXT_OF_BYTES, _SMALL_TEXT):
                piece = _read_small(data[start:end], state) if kind == _SMALL_TEXT else _read_text(
                    data[start:end], state, is_wide=kind == _TEXT
                )  # fmt: skip
                pieces += [piece] if piece is not None else []
            else:
                _follow(kind, data[start:end], state=state)
    except struct.error:
        pass
    # Most files say all twice, for programs that do not know GDI+.
    return pieces or plus


def _records(data: bytes) -> Iterator[tuple[int, int, int]]:
    at = 0
    while at + _HEAD.size <= len(data):
        kind, size = _HEAD.unpack_from(data, at)
        if size < _HEAD.size:
            return
        yield kind, at, min(at + size, len(data))
        at += size


def _follow(kind: int, record: bytes, *, state: _State) -> None:
    if kind == _MOVE:
        state.at = struct.unpack_from("<ii", record, 8)
    elif kind == _ALIGN:
        state.align = struct.unpack_from("<I", record, 8)[0]
    elif kind == _SELECT:
        state.face = state.faces.get(struct.unpack_from("<I", record, 8)[0], state.face)
    elif kind == _FONT:
        number, height = struct.unpack_from("<Ii", record, 8)
        name = record[_FACE_AT : _FACE_AT + _FACE_BYTES].decode("utf-16-le", "replace").partition("\0")[0]
        state.faces[number] = Face(name or None, abs(height))
    elif kind in (_SET_WORLD, _CHANGE_WORLD):
        a, b, c, d, e, f = struct.unpack_from("<6f", record, 8)
        given = _World((a, c, e), (b, d, f))
        mode = struct.unpack_from("<I", record, 32)[0] if kind == _CHANGE_WORLD else 0
        state.world = _change(state.world, given, mode=mode)
    elif kind == _SAVE and len(state.saved) < _MOST_SAVED:
        state.saved.append(state.world)
    elif kind == _RESTORE and state.saved:
        state.world = state.saved.pop()


def _change(world: _World, given: _World, *, mode: int) -> _World:
    if mode == _NONE:
        return _World()
    return given.then(world) if mode == _BEFORE else world.then(given) if mode == _BEHIND else given


def _read_text(record: bytes, state: _State, *, is_wide: bool) -> Piece | None:
    left, base, count, at, flags = struct.unpack_from("<iiIII", record, 36)
    widths_at = struct.unpack_from("<I", record, 72)[0]
    if flags & _GLYPHS or not 0 < count <= _MOST_LETTERS:
        return None
    letters = record[at : at + (2 * count if is_wide else count)]
    text = letters.decode("utf-16-le" if is_wide else "cp1252", "replace")
    widths = struct.unpack_from(f"<{count}i", record, widths_at) if 0 < widths_at <= len(record) - 4 * count else ()
    return state.put(text, (left, base), width=sum(widths))


def _read_small(record: bytes, state: _State) -> Piece | None:
    left, base, count, flags = struct.unpack_from("<iiII", record, 8)
    if flags & _GLYPHS or not 0 < count <= _MOST_LETTERS:
        return None
    at = 36 if flags & _WITHOUT_FRAME else 52
    is_wide = not flags & _OF_BYTES
    text = record[at : at + (2 * count if is_wide else count)].decode("utf-16-le" if is_wide else "cp1252", "replace")
    return state.put(text, (left, base), width=0)


def place_piece(
    text: str, place: tuple[float, float], *, width: float, face: Face, align: int, pen: tuple[float, float]
) -> Piece | None:
    """Return a piece where it begins; None if it has no letters.

    Args:
        text: its letters.
        place: what its command says.
        width: of all its letters; 0 if nobody says it.
        face: its font.
        align: how it is aligned to its place.
        pen: where the pen is, for texts that begin there.
    """
    text = text.replace("\0", "")
    if not text.strip():
        return None
    left, base = pen if align & AT_POINT else place
    side = align & _SIDE
    left -= width if side == FROM_RIGHT else width / 2 if side == FROM_MIDDLE else 0
    return Piece(text, left, base, width, face)


def _read_plus(comment: bytes) -> Iterator[Piece]:
    """Give the texts of the GDI+ records in a comment (2.3.4)."""
    if comment[12:16] != _PLUS:
        return
    at = 16
    while at + _PLUS_HEAD.size <= len(comment):
        kind, _, size, _ = _PLUS_HEAD.unpack_from(comment, at)
        start = at + _PLUS_HEAD.size
        if kind == _STRING:
            count, left, top, width, _ = struct.unpack_from("<I4f", comment, start + 8)
            text = comment[start + 28 : start + 28 + 2 * min(count, _MOST_LETTERS)].decode("utf-16-le", "replace")
            if text.strip("\0 "):
                yield Piece(text.replace("\0", ""), left, top, width, Face(height=_PLUS_HEIGHT))
        elif kind == _DRIVEN:
            yield from _read_driven(comment, start)
        if size < _PLUS_HEAD.size:
            return
        at += size


def _read_driven(comment: bytes, start: int) -> Iterator[Piece]:
    """Give letters that are set each at its place; none if they are numbers of glyphs."""
    flags, _, count = struct.unpack_from("<III", comment, start + 4)
    if not flags & _IS_TEXT or not 0 < count <= _MOST_LETTERS:
        return
    at = start + 16
    text = comment[at : at + 2 * count].decode("utf-16-le", "replace")
    places_at = at + 2 * count + (2 * count) % 4
    left, base = struct.unpack_from("<2f", comment, places_at)
    last = struct.unpack_from("<f", comment, places_at + 8 * (count - 1))[0]
    width = (last - left) * count / (count - 1) if count > 1 else _PLUS_HEIGHT / 2
    if text.strip("\0 "):
        yield Piece(text.replace("\0", ""), left, base, width, Face(height=max(2 * width / count, 1.0)))
