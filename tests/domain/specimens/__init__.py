"""One specimen of every event, with every field said: what golden files and codecs are tested with."""

from msgspec import Struct

from tests.domain.specimens import items, main_path, settling, taking_part

SPECIMENS: tuple[Struct, ...] = (*items.SPECIMENS, *main_path.SPECIMENS, *taking_part.SPECIMENS, *settling.SPECIMENS)
