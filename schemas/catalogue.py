"""Look-ups that go with a type of the event catalogue, never model output: PLOVER, CAMEO, quad class, intensity.

Sources: PLOVER manual 1.0 (Open Event Data Alliance), CAMEO codebook 1.1b3 (Schrodt, 2012), quad classes as in Schrodt
and GDELT (verbal or material, cooperation or conflict, by CAMEO root), intensity from the CAMEO-Goldstein scale
(Goldstein 1992, as carried over to CAMEO by the KEDS project): -10 most conflictual to +10 most cooperative.
"""

from dataclasses import dataclass
from typing import Literal

Family = Literal["contact", "truce", "agreement", "sanctions", "relations", "aid", "force", "captives"]
QuadClass = Literal["verbal cooperation", "material cooperation", "verbal conflict", "material conflict"]

_INTENSITY = {
    "026": 4.0, "0256": -0.3, "030": 4.0, "033": 5.2, "0353": 7.0, "0356": 7.0, "036": 4.0, "037": 5.0,
    "040": 1.0, "041": 1.0, "042": 1.9, "044": 2.5, "046": 7.0, "050": 3.5, "057": 8.0, "07": 7.0,
    "0841": 7.0, "085": 7.0, "0871": 9.0, "0874": 10.0, "105": -5.0, "1056": -5.0, "11": -2.0, "124": -5.0,
    "1246": -5.0, "125": -5.0, "127": -5.0, "13": -4.4, "1312": -5.8, "154": -7.2, "161": -4.0, "162": -5.6,
    "163": -8.0, "164": -7.0, "173": -5.0, "18": -9.0, "181": -9.0, "19": -10.0, "191": -9.5, "192": -9.5,
    "196": -9.5, "20": -10.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spec:
    """What the catalogue's table says of a type beside its name and meaning.

    `cameo` lists the codes that the type can stand for, the usual one first; `core` types are what the product is
    judged by first; `planned` types tell of something still to come on their date.
    """

    family: Family
    plover: str | None = None
    cameo: tuple[str, ...] = ()
    core: bool = False
    planned: bool = False

    @property
    def quad_class(self) -> QuadClass | None:
        if not self.cameo:
            return None
        root = int(self.cameo[0][:2])
        if root <= 5:
            return "verbal cooperation"
        if root <= 8:
            return "material cooperation"
        return "verbal conflict" if root <= 13 else "material conflict"

    @property
    def intensity(self) -> float | None:
        return _INTENSITY[self.cameo[0]] if self.cameo else None
