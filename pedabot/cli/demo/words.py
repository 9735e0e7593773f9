"""What the students and the teacher of the demo class say, beside the course's own questions."""

from __future__ import annotations

TEACHER = "prof.demo"
_FIRST_NAMES = (
    "adam amina anais baptiste camille chloe dylan elias emma enzo fatou hugo ines jade kenza"
    " leo lina lucas manon mehdi nathan noah oceane rayan sarah sofiane theo tom yanis zoe"
)
STUDENTS = [f"{name}.demo" for name in _FIRST_NAMES.split()]

GREETINGS = ("Bonjour, ", "Salut, ", "Bonsoir, ", "Bonjour ! ")
ENDINGS = (" stp", " s'il te plaît", " merci", ", merci d'avance")

LOST = (
    "Je n'ai pas compris",
    "j'ai pas compris, tu peux expliquer autrement ?",
    "C'est trop compliqué, plus simple stp",
    "je comprends toujours pas",
)
FOLLOW_UPS = (
    "Tu peux donner un exemple ?",
    "Et en code, ça donne quoi ?",
    "Pourquoi ?",
    "Résume en trois points",
    "un autre exemple stp",
    "Et ça sert à quoi en entreprise ?",
    "Merci, c'est plus clair",
)
UNHELPFUL = (
    "Trop long, je me perds",
    "Je vois toujours pas à quoi ça sert",
    "Trop de mots que je connais pas",
    "Ça ne répond pas à ma question",
    "",
)
REPORTS = (
    "La réponse parle d'autre chose que ma question.",
    "C'est pas ce qu'on a vu en cours mardi.",
    "L'exemple de code ne marche pas sur les PC de la salle 204.",
)
NOTES = (
    "Très bonne question : on y revient ensemble au prochain cours.",
    "Refais le schéma au brouillon avec deux neurones seulement, tu verras.",
    "Tu y es presque. Relis la fiche, puis reprends le quiz.",
)

OUTSIDE = (
    "Comment on configure un VLAN sur un switch Cisco ?",
    "vlan et trunk c'est quoi la difference",
    "Comment faire un trunk entre deux switchs ?",
    "Comment on calcule un masque de sous-réseau ?",
    "c'est quoi un masque de sous reseau en /26",
    "Comment faire une jointure en SQL entre trois tables ?",
    "jointure sql left join ou inner join ?",
    "Tu peux corriger ma requête SQL avec GROUP BY ?",
    "Comment je présente mon stage à l'oral ?",
    "il faut combien de pages pour le rapport de stage",
    "Tu peux m'aider pour mon rapport de stage ?",
    "Comment installer un Active Directory ?",
    "C'est quoi la différence entre TCP et UDP ?",
    "On a cours de quoi lundi matin ?",
    "tu peux me faire mon CV ?",
    "Qui a gagné le match hier soir ?",
)

ON_THE_TEST = "Le contrôle porte sur quoi ?"
ON_VLANS = "Comment on configure un VLAN sur un switch Cisco ?"

VLAN_CORRECTION = (
    "Ce n'est pas dans ce module : tu le verras dans le cours de **réseaux**, au TP 4.\n\n"
    "En deux mots : on crée le VLAN (`vlan 10`), on le nomme, puis on y met les ports"
    " (`switchport access vlan 10`). Garde tes questions pour la séance de jeudi."
)


def test_correction(chapters: list[str]) -> str:
    """Return what the teacher answers to the question about the test."""
    lines = "\n".join(f"- {title}" for title in chapters)
    return (
        f"Le contrôle porte sur les chapitres que nous avons vus :\n\n{lines}\n\n"
        "Il dure une heure, sans ordinateur. Les quiz de ces chapitres sont un bon entraînement."
    )


def notion_correction(summary: str, key_points: list[str]) -> str:
    """Return what the teacher writes in the place of an answer that many did not understand."""
    lines = "\n".join(f"- {point}" for point in key_points)
    return f"{summary}\n\n**À retenir pour le contrôle**\n\n{lines}\n\nOn refait l'exemple jeudi."
