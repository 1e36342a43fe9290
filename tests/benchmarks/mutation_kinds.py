"""The kinds of planted error by family (last section of the clinical rules), each with what plants it."""

from __future__ import annotations

from engine.evidence import Kind
from tests.benchmarks import mutators_drugs as drugs
from tests.benchmarks import mutators_facts as facts
from tests.benchmarks import mutators_items as items
from tests.benchmarks.mutators import DIAGNOSES, Mutator, N, other_number

_DISEASES = ["hipotiroidismo", "fibrilación auricular", "anemia ferropriva", "gota", "epilepsia", "fractura de pelvis"]
_PROCEDURES = ["colonoscopía", "broncoscopía", "toracocentesis", "resonancia magnética", "biopsia hepática"]
_ORGANISMS = ["Escherichia coli", "Klebsiella pneumoniae", "Pseudomonas aeruginosa"]
_FINDINGS = ["disnea", "cefalea intensa", "derrame pleural", "convulsiones", "hematuria"]

OF_DRUGS: dict[str, Mutator] = {
    "dose ×10": drugs.scaled(10),
    "dose ÷10": drugs.scaled(0.1),
    "dose ×2": drugs.scaled(2),
    "decimal comma": drugs.comma,
    "unit mg, g": drugs.unit(("mg", "g"), ("g", "mg")),
    "unit mcg": drugs.unit(("mcg", "mg"), ("mg", "mcg")),
    "unit UI": drugs.unit(("UI", "mg"), ("mg", "UI")),
    "route": drugs.route,
    "frequency": drugs.frequency,
    "duration": drugs.duration,
    "duration unit": drugs.duration_unit,
    **{
        f"{what} exchanged, {when}": drugs.exchanged(pattern, late=late)
        for what, pattern in (
            ("doses", drugs.DOSE),
            ("routes", drugs.WAY),
            ("frequencies", drugs.OFTEN),
            ("durations", drugs.LASTING),
        )
        for when, late in (("stay", False), ("discharge", True))
    },
    "detail omitted": drugs.detail_omitted,
    "SOS dropped": drugs.sos,
    "drugs exchanged": drugs.drugs_exchanged,
    "drug for another": drugs.drug_for_another,
    "drug added": drugs.drug_added,
    "drug twice": drugs.drug_twice,
    "drug omitted, stay": items.omitted(Kind.TREATMENT),
    "drug omitted, discharge": items.omitted(Kind.PRESCRIPTION),
    "stay drug at discharge": drugs.drug_moved(Kind.TREATMENT, Kind.PRESCRIPTION),
    "discharge drug in stay": drugs.drug_moved(Kind.PRESCRIPTION, Kind.TREATMENT),
    "allergen given": drugs.allergen_given,
}
OF_ITEMS: dict[str, Mutator] = {
    "diagnosis added": items.added_beside(_DISEASES, " y {}", *DIAGNOSES, types=("dx",)),
    "procedure added": items.added_beside(_PROCEDURES, " y {}", Kind.PROCEDURE, types=("proc", "dx")),
    "organism added": items.added_beside(_ORGANISMS, " por {}", *DIAGNOSES, types=("dx",)),
    "finding added": items.added_in_course(_FINDINGS, " {},", "dx"),
    "outcome added": items.outcome,
    "diagnosis omitted, admission": items.omitted(Kind.ADMISSION_DIAGNOSIS),
    "diagnosis omitted, discharge": items.omitted(Kind.DISCHARGE_DIAGNOSIS),
    "procedure omitted": items.omitted(Kind.PROCEDURE),
    "history omitted": items.omitted(Kind.HISTORY, Kind.SURGERY),
    "habitual drug omitted": items.omitted(Kind.HABITUAL),
    "allergy omitted": items.omitted(Kind.ALLERGY),
    "reason omitted": items.omitted(Kind.REASON),
    "course omitted": items.omitted(Kind.COURSE),
    "result omitted": items.omitted(Kind.OBSERVATION),
    "follow-up omitted": items.omitted(Kind.FOLLOW_UP),
    "care omitted": items.omitted(Kind.CARE),
    "alarm sign omitted": items.omitted(Kind.ALARM_SIGN),
    "told as not recorded": items.not_recorded,
    "discharge diagnosis at admission": items.lists_mixed(Kind.DISCHARGE_DIAGNOSIS, Kind.ADMISSION_DIAGNOSIS),
    "admission diagnosis at discharge": items.lists_mixed(Kind.ADMISSION_DIAGNOSIS, Kind.DISCHARGE_DIAGNOSIS),
    "modifier": items.modifier,
    "code altered": items.code_altered,
    "code removed": items.code_removed,
    "code bare": items.code_bare,
    "codes exchanged": items.codes_exchanged,
    "procedure code, diagnosis code": items.code_of_another_list,
    "side": items.side,
    "side added": items.side_added,
    "suspicion dropped": items.suspicion_dropped,
    "suspicion added": items.suspicion_added,
    "allergy denied": items.allergy_denied,
    "allergy invented": items.allergy_invented,
    "allergen changed": items.allergen_changed,
}
OF_FACTS: dict[str, Mutator] = {
    "negation dropped": facts.negation_dropped,
    "negation added": facts.negation_added,
    "sign turned": facts.sign_turned,
    "day of a date": facts.day_moved,
    "month of a date": facts.month_wrong,
    "year of a date": facts.year_wrong,
    "dates exchanged": facts.dates_exchanged,
    "ordinal day": facts.ordinal,
    "day of stay": facts.day_of_stay,
    "number in words": facts.number_in_words,
    "course number": other_number(
        rf"(?<=[a-zñáéíóú] )(?<!por )(?<!durante )(?<!cada )({N})(?= ?(?:%|cm|mmHg|L\b|horas|[,;.] ))",
        *facts.TELLS,
    ),
    "result value": facts.result(change_unit=False),
    "result unit": facts.result(change_unit=True),
    "unit in the course": facts.unit_in_course,
    "age": facts.age,
    "age unit": facts.age_unit,
    "sex": facts.sex,
    "sex agreement": facts.agreement,
    "name": facts.name_after_cue,
    "name alone": facts.name_alone,
    "identifier": facts.identifier,
    "line break": facts.line_break,
    "chat marker": facts.ending("<|im_end|>", "format"),
    "other language": facts.ending(" The patient was discharged with oral antibiotics.", "format", "dx", "med"),
}
MUTATORS: dict[str, Mutator] = {**OF_DRUGS, **OF_ITEMS, **OF_FACTS}
