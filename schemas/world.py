"""World events: what an article reports, one class per type of the event catalogue, version 1.

The classes are the catalogue's table: their docstrings are its meanings, their `spec` its codes. All share the fields
of `WorldEvent`. Every word taken from an article carries its place there (a `Span`), and the log stores only the place:
`to_payload` drops the words, `quoted` puts them back from the stored title and text. So a quote is verbatim by
construction, and a text can be withdrawn without touching the log.
"""

from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.catalogue import Spec
from schemas.ids import natural_id

Modality = Literal["asserted", "unconfirmed", "conditional", "denied"]
Kind = Literal["country", "person", "org", "group"]
Role = Literal["party", "actor", "target", "mediator", "host", "beneficiary"]
Sector = Literal["GOV", "MIL", "REB", "OPP", "CVL", "IGO", "NGO", "LEG", "JUD", "MED", "BUS"]
DateBasis = Literal["explicit", "relative", "publication", "unknown"]
TextField = Literal["title", "text"]
MAX_QUOTE = 300
"""Code points that a quote may have (event catalogue: `evidence`)."""


class Value(BaseModel):
    """A frozen value that admits no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Value):
    """Where words stand: code points from `start` to `end` (exclusive) of an article's title or text."""

    field: TextField
    start: int = Field(ge=0)
    end: int = Field(ge=0)

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a span must end after it starts: {self.start} to {self.end}")
        return self

    def cut(self, title: str, text: str) -> str | None:
        """The words, or None where the span points outside."""
        source = title if self.field == "title" else text
        return source[self.start : self.end] if self.end <= len(source) else None


class Mention(Span):
    """A span and, outside the log, the words that stand there."""

    quote: str | None = None


class Related(Mention):
    """Another event of the same article, by its type and the place of its evidence.

    `relation` is "at": this was done, agreed or said at that call, meeting, talks or visit.
    """

    relation: str
    type: str


class Participant(Value):
    """Who took part. `name` is the mention as written; a person acting for a state is one entry, the person's.

    `actor_id` is null for one whom no lexicon names: views derive it from the name.
    """

    name: str | None = None
    actor_id: str | None = None
    kind: Kind
    code: str | None = None
    sector: Sector | None = None
    role: Role
    name_at: Span | None = None


class Place(Value):
    """Where it happened or will happen: the name as written, ISO 3166 alpha-3 country, degrees WGS 84."""

    name: str | None = None
    country: str | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    name_at: Span | None = None


class Quantity(Value):
    """What the article counts: "at least 12" is min 12, "dozens" is `vague`. Never summed over reports."""

    what: str
    min: float | None = None
    max: float | None = None
    unit: str | None = None
    vague: bool = False
    quote: str | None = None
    quote_at: Span | None = None


class WorldEvent(Value):
    """What every event carries; the fields' meanings are those of the event catalogue."""

    spec: ClassVar[Spec]
    version: ClassVar[int] = 1

    type: str
    modality: Modality = "asserted"
    participants: tuple[Participant, ...] = ()
    occurred_on: str | None = None
    date_words: str | None = None
    date_at: Span | None = None
    date_basis: DateBasis = "unknown"
    place: Place | None = None
    scope: str | None = None
    quantities: tuple[Quantity, ...] = ()
    attributed_to: str | None = None
    attributed_at: Span | None = None
    background: bool = False
    confidence: float = Field(default=0.5, ge=0, le=1)
    evidence: Mention
    mentions: tuple[Mention, ...] = ()
    related_to: tuple[Related, ...] = ()

    def event_id(self, coding_id: UUID, ordinal: int) -> UUID:
        """Natural key: coding id, type, field and start of the evidence, ordinal among equals."""
        return natural_id(self.type, str(coding_id), self.type, self.evidence.field, self.evidence.start, ordinal)

    def to_payload(self) -> dict[str, Any]:
        """The stored form: JSON-ready, without the words that a span can give back."""
        stored: dict[str, Any] = without_words(self.model_dump(mode="json", exclude_none=True))
        if not self.related_to:
            del stored["related_to"]  # as it was before there was such a field
        return stored

    @classmethod
    def from_payload(cls, type_: str, payload: dict[str, Any], title: str, text: str) -> "WorldEvent":
        """The full form of a stored payload, its words cut out of `title` and `text`."""
        return EVENT_TYPES[type_].model_validate(with_words({**payload, "type": type_}, title, text))


_WORDS = {"name": "name_at", "date_words": "date_at", "quote": "quote_at", "attributed_to": "attributed_at"}


def without_words(value: Any) -> Any:
    """`value` (JSON-ready) less every string whose place is kept beside it."""
    if isinstance(value, list):
        return [without_words(item) for item in value]
    if not isinstance(value, dict):
        return value
    spanned = {key for key, at in _WORDS.items() if at in value} | ({"quote"} if "start" in value else set())
    return {key: without_words(item) for key, item in value.items() if key not in spanned}


def with_words(value: Any, title: str, text: str) -> Any:
    """The reverse of `without_words`: strings cut from where their spans point."""
    if isinstance(value, list):
        return [with_words(item, title, text) for item in value]
    if not isinstance(value, dict):
        return value
    full = {key: with_words(item, title, text) for key, item in value.items()}
    for words, at in _WORDS.items():
        if at in value:
            full[words] = Span.model_validate(_bare(value[at])).cut(title, text)
            full[at] = _bare(value[at])
    if "start" in value and "field" in value:
        full["quote"] = Span.model_validate(_bare(value)).cut(title, text)
    return full


def _bare(span: dict[str, Any]) -> dict[str, Any]:
    return {key: span[key] for key in ("field", "start", "end")}


# --- Contact ---


class CallHeld(WorldEvent):
    """A telephone or video call between leaders or officials took place."""

    spec: ClassVar[Spec] = Spec("contact", plover="CONSULT/phone", cameo=("041",), core=True)
    type: Literal["call_held"] = "call_held"


class CallPlanned(WorldEvent):
    """A call is announced, scheduled or agreed."""

    spec: ClassVar[Spec] = Spec("contact", plover="AGREE", cameo=("036",), core=True, planned=True)
    type: Literal["call_planned"] = "call_planned"


class MeetingHeld(WorldEvent):
    """Officials of two or more sides met in person (summits, bilateral meetings)."""

    spec: ClassVar[Spec] = Spec("contact", plover="CONSULT", cameo=("040", "044"), core=True)
    type: Literal["meeting_held"] = "meeting_held"


class MeetingPlanned(WorldEvent):
    """Such a meeting is announced, scheduled or agreed."""

    spec: ClassVar[Spec] = Spec("contact", plover="AGREE", cameo=("036",), core=True, planned=True)
    type: Literal["meeting_planned"] = "meeting_planned"


class VisitMade(WorldEvent):
    """An official travelled to, or arrived in, another country or front line; not the meeting itself."""

    spec: ClassVar[Spec] = Spec("contact", plover="CONSULT/visit", cameo=("042",), core=True)
    type: Literal["visit_made"] = "visit_made"


class VisitPlanned(WorldEvent):
    """Such a visit is announced."""

    spec: ClassVar[Spec] = Spec("contact", plover="AGREE", cameo=("036",), core=True, planned=True)
    type: Literal["visit_planned"] = "visit_planned"


class TalksHeld(WorldEvent):
    """A negotiation took place or is going on (rounds, delegations, mediation)."""

    spec: ClassVar[Spec] = Spec("contact", plover="CONSULT", cameo=("046",), core=True)
    type: Literal["talks_held"] = "talks_held"


class TalksPlanned(WorldEvent):
    """Negotiations are agreed, announced or scheduled."""

    spec: ClassVar[Spec] = Spec("contact", plover="AGREE", cameo=("036",), core=True, planned=True)
    type: Literal["talks_planned"] = "talks_planned"


class TalksProposed(WorldEvent):
    """One side or a mediator offers or calls for negotiations, not yet agreed."""

    spec: ClassVar[Spec] = Spec("contact", plover="REQUEST/meet", cameo=("026", "036"), core=True)
    type: Literal["talks_proposed"] = "talks_proposed"


class TalksRejected(WorldEvent):
    """One side refuses negotiations or mediation."""

    spec: ClassVar[Spec] = Spec("contact", plover="REJECT/meet", cameo=("125",), core=True)
    type: Literal["talks_rejected"] = "talks_rejected"


class TalksSuspended(WorldEvent):
    """Negotiations (trade talks too) break off, stall, are postponed, cancelled or end without result."""

    spec: ClassVar[Spec] = Spec("contact", plover="SANCTION/withdraw", cameo=("164",), core=True)
    type: Literal["talks_suspended"] = "talks_suspended"


# --- Truce ---


class TruceProposed(WorldEvent):
    """Anyone (a side, a mediator, a third state) offers, demands or calls for a halt of fighting, or part of it."""

    spec: ClassVar[Spec] = Spec("truce", plover="REQUEST/yield", cameo=("0256", "1056"), core=True)
    type: Literal["truce_proposed"] = "truce_proposed"


class TruceAccepted(WorldEvent):
    """One party accepts a proposed truce that the other has not (yet) accepted."""

    spec: ClassVar[Spec] = Spec("truce", plover="AGREE", cameo=("0356",), core=True)
    type: Literal["truce_accepted"] = "truce_accepted"


class TruceAgreed(WorldEvent):
    """The bound parties agree, or one binds itself in a deal, to halt all or some attacks."""

    spec: ClassVar[Spec] = Spec("truce", plover="AGREE", cameo=("0356",), core=True)
    type: Literal["truce_agreed"] = "truce_agreed"


class TruceDeclared(WorldEvent):
    """One side announces a halt of its own fighting without a deal."""

    spec: ClassVar[Spec] = Spec("truce", plover="RETREAT/ceasefire", cameo=("0871",), core=True)
    type: Literal["truce_declared"] = "truce_declared"


class TruceRejected(WorldEvent):
    """One side refuses a truce."""

    spec: ClassVar[Spec] = Spec("truce", plover="REJECT/yield", cameo=("1246",), core=True)
    type: Literal["truce_rejected"] = "truce_rejected"


class TruceViolated(WorldEvent):
    """A side is said to have broken a truce in force."""

    spec: ClassVar[Spec] = Spec("truce", plover="ASSAULT", cameo=("196",), core=True)
    type: Literal["truce_violated"] = "truce_violated"


class TruceExtended(WorldEvent):
    """A truce in force is prolonged."""

    spec: ClassVar[Spec] = Spec("truce", plover="AGREE", cameo=("0356",), core=True)
    type: Literal["truce_extended"] = "truce_extended"


class TruceEnded(WorldEvent):
    """A truce lapses or is called off."""

    spec: ClassVar[Spec] = Spec("truce", core=True)
    type: Literal["truce_ended"] = "truce_ended"


# --- Agreement ---


class ProposalMade(WorldEvent):
    """A plan or offer other than a truce or talks is put to another side."""

    spec: ClassVar[Spec] = Spec("agreement", plover="AGREE", cameo=("037",), core=True)
    type: Literal["proposal_made"] = "proposal_made"


class ProposalRejected(WorldEvent):
    """Such a plan is refused."""

    spec: ClassVar[Spec] = Spec("agreement", plover="REJECT", cameo=("127",), core=True)
    type: Literal["proposal_rejected"] = "proposal_rejected"


class AgreementReached(WorldEvent):
    """Two or more sides agree on terms other than a truce or an exchange of prisoners (deal, framework, trade)."""

    spec: ClassVar[Spec] = Spec("agreement", plover="AGREE", cameo=("030",), core=True)
    type: Literal["agreement_reached"] = "agreement_reached"


class AgreementSigned(WorldEvent):
    """Such an agreement, treaty or memorandum is signed."""

    spec: ClassVar[Spec] = Spec("agreement", plover="SUPPORT", cameo=("057",), core=True)
    type: Literal["agreement_signed"] = "agreement_signed"


class AgreementAbandoned(WorldEvent):
    """A side withdraws from or breaks an agreement other than a truce."""

    spec: ClassVar[Spec] = Spec("agreement", plover="REJECT/yield", cameo=("127",), core=True)
    type: Literal["agreement_abandoned"] = "agreement_abandoned"


# --- Pressure: sanctions ---


class SanctionsImposed(WorldEvent):
    """Sanctions, punitive tariffs, embargoes, asset freezes are adopted or take force."""

    spec: ClassVar[Spec] = Spec("sanctions", plover="COERCE/restrict", cameo=("163",), core=True)
    type: Literal["sanctions_imposed"] = "sanctions_imposed"


class SanctionsThreatened(WorldEvent):
    """Such measures are announced for later, reviewed, or held out as a possibility."""

    spec: ClassVar[Spec] = Spec("sanctions", plover="THREATEN/restrict", cameo=("1312",), core=True)
    type: Literal["sanctions_threatened"] = "sanctions_threatened"


class SanctionsLifted(WorldEvent):
    """They are lifted, eased, waived, or postponed or dropped before they took force."""

    spec: ClassVar[Spec] = Spec("sanctions", plover="RETREAT/ease", cameo=("085",), core=True)
    type: Literal["sanctions_lifted"] = "sanctions_lifted"


# --- Pressure and relations ---


class RelationsDowngraded(WorldEvent):
    """Relations cut, ambassadors recalled or summoned, diplomats expelled."""

    spec: ClassVar[Spec] = Spec("relations", plover="SANCTION", cameo=("161",))
    type: Literal["relations_downgraded"] = "relations_downgraded"


class RelationsRestored(WorldEvent):
    """Relations, embassies or recognition established or restored."""

    spec: ClassVar[Spec] = Spec("relations", plover="SUPPORT", cameo=("050",))
    type: Literal["relations_restored"] = "relations_restored"


class DemandMade(WorldEvent):
    """One side demands something of another or sets it a condition (other than a truce or talks)."""

    spec: ClassVar[Spec] = Spec("relations", plover="REQUEST", cameo=("105",))
    type: Literal["demand_made"] = "demand_made"


class DemandRejected(WorldEvent):
    """Such a demand is refused."""

    spec: ClassVar[Spec] = Spec("relations", plover="REJECT", cameo=("124",))
    type: Literal["demand_rejected"] = "demand_rejected"


class ThreatMade(WorldEvent):
    """One side threatens force or other harm (not sanctions): ultimatums, leaving talks, dropping support."""

    spec: ClassVar[Spec] = Spec("relations", plover="THREATEN", cameo=("13",))
    type: Literal["threat_made"] = "threat_made"


class AccusationMade(WorldEvent):
    """One side accuses or condemns another for a named act."""

    spec: ClassVar[Spec] = Spec("relations", plover="ACCUSE", cameo=("11",))
    type: Literal["accusation_made"] = "accusation_made"


# --- Aid ---


class AidPledged(WorldEvent):
    """Economic, military or humanitarian aid promised or approved, or its entry allowed."""

    spec: ClassVar[Spec] = Spec("aid", plover="AGREE", cameo=("033",))
    type: Literal["aid_pledged"] = "aid_pledged"


class AidDelivered(WorldEvent):
    """Aid or arms arrive, enter or are handed over."""

    spec: ClassVar[Spec] = Spec("aid", plover="AID", cameo=("07",))
    type: Literal["aid_delivered"] = "aid_delivered"


class AidSuspended(WorldEvent):
    """Aid, arms or access are stopped or blocked."""

    spec: ClassVar[Spec] = Spec("aid", plover="SANCTION/discontinue", cameo=("162",))
    type: Literal["aid_suspended"] = "aid_suspended"


# --- Force ---


class AttackCarriedOut(WorldEvent):
    """A strike, shelling, bombing, raid, shooting or assassination with military or political actors."""

    spec: ClassVar[Spec] = Spec("force", plover="ASSAULT", cameo=("18", "19", "20"))
    type: Literal["attack_carried_out"] = "attack_carried_out"


class TerritoryCaptured(WorldEvent):
    """A place or area is seized or retaken."""

    spec: ClassVar[Spec] = Spec("force", plover="COERCE/seize", cameo=("192",))
    type: Literal["territory_captured"] = "territory_captured"


class BlockadeImposed(WorldEvent):
    """A blockade, siege or closure of a border or strait begins."""

    spec: ClassVar[Spec] = Spec("force", plover="COERCE/restrict", cameo=("191",))
    type: Literal["blockade_imposed"] = "blockade_imposed"


class TroopsDeployed(WorldEvent):
    """Forces mobilised, sent or massed."""

    spec: ClassVar[Spec] = Spec("force", plover="MOBILIZE", cameo=("154",))
    type: Literal["troops_deployed"] = "troops_deployed"


class TroopsWithdrawn(WorldEvent):
    """Forces leave, surrender or lay down arms."""

    spec: ClassVar[Spec] = Spec("force", plover="RETREAT/withdraw", cameo=("0874",))
    type: Literal["troops_withdrawn"] = "troops_withdrawn"


# --- Captives ---


class PrisonersExchanged(WorldEvent):
    """Prisoners or bodies are swapped."""

    spec: ClassVar[Spec] = Spec("captives", plover="RETREAT/release", cameo=("0841",), core=True)
    type: Literal["prisoners_exchanged"] = "prisoners_exchanged"


class ReleasePlanned(WorldEvent):
    """A release or exchange of prisoners, hostages or bodies is agreed or announced."""

    spec: ClassVar[Spec] = Spec("captives", plover="AGREE", cameo=("0353",), core=True, planned=True)
    type: Literal["release_planned"] = "release_planned"


class PrisonersReleased(WorldEvent):
    """Prisoners or hostages are freed by one side."""

    spec: ClassVar[Spec] = Spec("captives", plover="RETREAT/release", cameo=("0841",), core=True)
    type: Literal["prisoners_released"] = "prisoners_released"


class HostagesTaken(WorldEvent):
    """People are abducted or taken hostage."""

    spec: ClassVar[Spec] = Spec("captives", plover="ASSAULT/abduct", cameo=("181",))
    type: Literal["hostages_taken"] = "hostages_taken"


class ArrestMade(WorldEvent):
    """A person is arrested or charged for a political, military or security matter."""

    spec: ClassVar[Spec] = Spec("captives", plover="COERCE/arrest", cameo=("173",))
    type: Literal["arrest_made"] = "arrest_made"


EVENT_TYPES: dict[str, type[WorldEvent]] = {
    str(cls.model_fields["type"].default): cls for cls in WorldEvent.__subclasses__()
}
"""Every type of the catalogue by its name, in the catalogue's order."""
