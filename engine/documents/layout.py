"""Case and Draft to the plain values of the printed page. Pure: no file, no clock, no markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.documents.additions import additions, runs
from engine.documents.dates import days_of_stay, shown_date, shown_moment
from engine.documents.shapes import MISSING, Cell, Fact, Layout, Listing, cell
from engine.documents.tables import conditions, medications, observations, procedures, value_of
from engine.domain import NO_DISCHARGE, Case, Draft, Requirement, Text
from engine.domain.signing import Addendum, Signature, Signer
from engine.evidence import died

_HASH_SHOWN = 12  # hexadecimal digits of a SHA-256 on paper: enough to tell files apart

_RUNNING_NAME = 60  # characters that leave the page heading on one line


def layout(
    case: Case,
    draft: Draft,
    *,
    approved: bool,
    version: str,
    declared: Sequence[Requirement] = (),
    signature: Signature | None = None,
    addenda: Sequence[Addendum] = (),
) -> Layout:
    """What the document says and in which order; the record's own words throughout.

    `declared` are the requirements of Ley 20.584 art. 11 that a physician marked «No consignado» on purpose. A document
    with a `signature` has no line to sign by hand; `addenda` follow it.
    """
    return Layout(
        draft=not approved,
        facility=_heading(case.stay.facility, "Establecimiento"),
        service=_heading(case.stay.service, "Servicio"),
        title="Epicrisis",
        status="" if approved else "Borrador. No es válido hasta que el médico tratante lo apruebe y firme.",
        running=_running(case),
        identity=_identity(case),
        allergies=_fact("Alergias", " · ".join(text.value for text in case.history.allergies)),
        summary_title="Resumen de la hospitalización",
        summary=runs(draft.text, draft.report.attested),
        additions=additions(draft.report.attested),
        tables=[
            conditions("Diagnósticos de ingreso", case.admission, case.stay.start, "fecha de ingreso"),
            conditions("Diagnósticos de egreso", case.discharge, case.stay.end, "fecha de egreso"),
            procedures("Procedimientos", case.procedures),
            observations("Resultados relevantes", case.observations),
            medications("Medicamentos administrados durante la hospitalización", case.treatments),
            medications("Medicamentos indicados al alta", case.plan.medications, _nothing(case)),
        ],
        lists_title="Indicaciones al alta",
        lists=_lists(case),
        declared_title="Datos no consignados (Ley 20.584, art. 11)",
        declared=[line for requirement in declared for line in _declaration(requirement)],
        signature=[] if signature else ["Nombre del médico", "RUT", "Firma", "Fecha"],
        signed=_signed(signature) if signature else [],
        addenda_title="Adendas",
        addenda=[_addendum(addendum) for addendum in addenda],
        footer=_footer(case, draft, version),
    )


def _signed(signature: Signature) -> list[str]:
    return [
        f"Firmado en el programa por {_signer(signature.signer)}, el {shown_moment(signature.at)}.",
        f"SHA-256 {signature.digest}",
    ]


def _addendum(addendum: Addendum) -> str:
    """Its words stand as they were written, line breaks too."""
    who = f"{addendum.number}. {_signer(addendum.signer)}, el {shown_moment(addendum.at)}"
    return f"{who}:\n{addendum.text}\nSHA-256 {addendum.digest}"


def _signer(signer: Signer) -> str:
    registry = f"registro {signer.registry}" if signer.registry else ""
    return ", ".join(part for part in (signer.name, signer.profession, f"RUT {signer.rut}", registry) if part)


def _heading(text: Text | None, what: str) -> Cell:
    """Nothing labels the masthead: what is missing must name itself."""
    return Cell(text=text.value if text else f"{what} no consignado", muted=text is None, note="")


def _identity(case: Case) -> list[Fact]:
    """Two rows about the patient, two about the stay, on four columns."""
    patient, stay = case.patient, case.stay
    start, end = value_of(stay.start), value_of(stay.end)
    return [
        _fact("Nombre", value_of(patient.name), span=2),
        _fact("RUT", value_of(patient.identifier)),
        _fact("N.º de atención", value_of(stay.identifier)),
        _fact("Sexo", value_of(patient.gender)),
        _fact("Edad", _age(value_of(patient.age))),
        _fact("Fecha de nacimiento", _date(patient.birth_date), span=2),
        _fact("Fecha de ingreso", _date(stay.start)),
        _fact("Fecha de alta", _date(stay.end)),
        _fact("Días de estada", days_of_stay(start, end)),
        _fact("Destino al egreso", value_of(stay.disposition)),
        _fact("Médico tratante", value_of(stay.practitioner), span=4),
    ]


def _fact(label: str, value: str | None, *, span: int = 1) -> Fact:
    return Fact(label=label, value=cell(value), span=span)


def _date(text: Text | None) -> str | None:
    return shown_date(text.value) if text else None


def _age(value: str | None) -> str | None:
    """A bare number counts years; «8 meses» says its own unit."""
    return f"{value} años" if value and value.isdecimal() else value


def _lists(case: Case) -> list[Listing]:
    plan, nothing = case.plan, _nothing(case)
    return [
        _listing("Controles y seguimiento", plan.follow_up, nothing),
        _listing("Cuidados", plan.care, nothing),
        _listing("Signos de alarma", plan.alarm_signs, nothing),
    ]


def _listing(title: str, items: Iterable[Text], empty: str) -> Listing:
    return Listing(title=title, items=[item.value for item in items], empty=empty)


def _nothing(case: Case) -> str:
    """In the place of what is indicated at discharge where there is none; the completeness gate says the same."""
    return NO_DISCHARGE if died(case) else MISSING


def _declaration(requirement: Requirement) -> Iterator[str]:
    said = requirement.declaration
    if said:
        by = f"declarado por {said.author}, {shown_moment(said.at)}"
        yield f"{requirement.label}: {MISSING} ({by}). {requirement.reason}"


def _running(case: Case) -> str:
    """A page that comes loose must still say whose it is."""
    patient, stay = case.patient, case.stay
    parts = (_shortened(value_of(patient.name)), value_of(patient.identifier), value_of(stay.identifier))
    return " · ".join(["Epicrisis", *filter(None, parts)])


def _shortened(name: str | None) -> str | None:
    return f"{name[:_RUNNING_NAME]}…" if name and len(name) > _RUNNING_NAME else name


def _footer(case: Case, draft: Draft, version: str) -> list[str]:
    """Two lines: what made the text, and from which bytes."""
    model = f"{draft.model.id} {draft.model.sha256[:_HASH_SHOWN]}".strip()
    return [
        f"Epicrisis {version} · Modelo {model}",
        f"Registro {case.sha256[:_HASH_SHOWN]} · Generado el {shown_moment(draft.generated_at)}",
    ]
