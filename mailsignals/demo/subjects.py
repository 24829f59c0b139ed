"""Subjects of emails."""

import numpy as np

from mailsignals.demo.openings import OpeningKind, Threads
from mailsignals.demo.places import PLACES
from mailsignals.demo.world import World

FEATURES = (
    "the export",
    "single sign-on",
    "the dashboard",
    "the API",
    "user roles",
    "the import",
    "reports",
    "the calendar",
    "the mobile app",
    "webhooks",
)

ENGLISH = {
    OpeningKind.TICKET: (
        "Problem with {feature}",
        "{feature} does not load",
        "Error {number} in {feature}",
        "Question about {feature}",
        "Access for a new colleague",
        "Cannot log in",
        "How do we change {feature}?",
        "Numbers look wrong in {feature}",
    ),
    OpeningKind.QUESTION: (
        "Next steps for {feature}",
        "Our plans for the quarter",
        "Training for the team",
        "Price for more seats",
        "Feedback on {feature}",
        "Call next week?",
    ),
    OpeningKind.CHECKIN: (
        "Checking in",
        "How is {feature} working for you?",
        "Quarterly review",
        "Time for a short call?",
    ),
    OpeningKind.NOTE: (
        "Weekly status",
        "Invoice {number}",
        "Notes from our call",
        "Roll-out of {feature}",
        "Order form {number}",
    ),
    OpeningKind.FAREWELL: ("Cancellation of our contract", "Ending our subscription", "Export of our data"),
}
TRANSLATED = {
    "de": {
        OpeningKind.TICKET: (
            "Problem beim Login",
            "Fehler {number}",
            "Frage zu Berichten",
            "Zugang für neue Kollegin",
        ),
        OpeningKind.QUESTION: ("Nächste Schritte", "Termin nächste Woche?", "Angebot für weitere Lizenzen"),
        OpeningKind.FAREWELL: ("Kündigung unseres Vertrags",),
    },
    "fr": {
        OpeningKind.TICKET: ("Problème de connexion", "Erreur {number}", "Question sur les rapports"),
        OpeningKind.QUESTION: ("Prochaines étapes", "Devis pour des licences"),
        OpeningKind.FAREWELL: ("Résiliation de notre contrat",),
    },
    "es": {
        OpeningKind.TICKET: ("Problema de acceso", "Error {number}", "Pregunta sobre los informes"),
        OpeningKind.QUESTION: ("Próximos pasos", "Presupuesto para más licencias"),
        OpeningKind.FAREWELL: ("Cancelación del contrato",),
    },
}
NEWS = "What's new in Larkspur {number}"

URGENT = {
    "en": ("URGENT: ", "ASAP - ", "Urgent: "),
    "de": ("DRINGEND: ", "Dringend: "),
    "fr": ("Urgent : ",),
    "es": ("Urgente: ",),
}
REPLY = {"de": "AW: ", "sv": "SV: ", "pl": "Odp: ", "fr": "RE: "}
"""Prefixes of replies by the language of the mail program."""
AWAY = {"de": "Abwesenheitsnotiz: ", "fr": "Réponse automatique : ", "es": "Respuesta automática: "}


def _subject(kind: OpeningKind, language: str, topic: int, firm: int) -> str:
    """Return the subject of a conversation; conversations of a firm on one topic share it."""
    if kind is OpeningKind.ANNOUNCEMENT:
        return NEWS.format(number=f"{4 + topic // 4}.{topic % 4}")
    native = TRANSLATED.get(language, {}).get(kind)
    templates = native if native and topic % 5 < 3 else ENGLISH[kind]
    text = templates[topic % len(templates)].format(
        feature=FEATURES[(topic * 7 + firm) % len(FEATURES)], number=1000 + (topic * 37 + firm * 11) % 9000
    )
    return text[0].upper() + text[1:]


def subjects(world: World, threads: Threads) -> list[str]:
    """Return the subject of each conversation, with a cue where it is urgent."""
    languages = [PLACES[firm.place].language for firm in world.firms]
    rows = zip(
        threads.kind.tolist(),
        threads.topic.tolist(),
        threads.firm.tolist(),
        threads.urgent.tolist(),
        strict=True,
    )
    texts = []
    for kind, topic, firm, urgent in rows:
        cues = URGENT.get(languages[firm], URGENT["en"])
        cue = cues[topic % len(cues)] if urgent else ""
        texts.append(cue + _subject(OpeningKind(kind), languages[firm], topic, firm))
    return texts


def reply_prefixes(world: World) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """Return the prefix that each firm's mail program puts before a reply.

    Two of three follow the language of the place.
    """
    return np.array(
        [
            REPLY.get(PLACES[firm.place].language, "Re: ") if number % 3 else "Re: "
            for number, firm in enumerate(world.firms)
        ]
    )
