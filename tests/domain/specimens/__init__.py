"""One specimen of every event, with every field said: what golden files and codecs are tested with."""

from msgspec import Struct

from tests.domain.specimens import items, main_path, taking_part

SPECIMENS: tuple[Struct, ...] = (*main_path.SPECIMENS, *items.SPECIMENS, *taking_part.SPECIMENS)
