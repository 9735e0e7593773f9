"""Sentences that tell of distress, and talk of computing that only sounds so."""

from __future__ import annotations

import pytest

from pedabot.knowledge.distress import Distress, distress_in

SELF_HARM = """
Je veux mourir
j'ai envie de mourir
g envi de mourir
jveux mourir
jveu crever
Je pense à me suicider
je veux me suissider
jpense a me suicider
je vais me tuer ce soir
je vé me tuer
J'ai envie d'en finir
j'ai plus envie de vivre
j'ai pu envie de vivre
je n'ai plus la force de vivre
Je ne veux plus vivre
je veux plus vivre comme ça
jpeux plus vivre comme sa
ma vie sert à rien
ma vie ne vaut plus rien
Tout le monde serait mieux sans moi
j'ai des idées noires
j'ai des pensées suicidaires
je me scarifie tous les soirs
je me taille les veines
j'ai envie de me faire du mal
je voudrais disparaître
je préfère mourir que d'aller en cours demain
J'en peux plus de cette vie
à quoi bon vivre
je vais me jeter sous un train
j'ai avalé des médicaments
Explique le dropout. En fait j'ai envie de mourir.
"""
VIOLENCE = """
mon père me frappe
Mon beau-père me tape tous les soirs
mon copain me bat
mon mec m'a frappé hier
on m'a violée
il m'a violé
je me fais frapper à la maison
je me suis fait agresser devant le lycée
j'ai été violée
j'ai peur de rentrer chez moi
je veu pas rentrer chez moi
ma mère me frappe
il menace de me tuer
mon ex veut me tuer
Je vais tuer mon prof
j'ai envie de tuer quelqu'un
"""
HARASSMENT = """
je me fais harceler
je me fais arceler au lycée
on me harcèle sur Insta
ils me harcèlent tous les jours
je suis victime de harcèlement
je suis victime de chantage
je subis du harcèlement
des élèves m'insultent tous les jours
ils m'humilient devant tout le monde
je me fais insulter en classe
une vidéo de moi circule sur snap
on me menace
ils me rackettent
toute la classe me harcele
"""
ANY = """
J'ai envie de me suicider
je pense au suicide
j'ai pensé à me suicider hier
jvais me buter
je veux me pendre
je veux en finir avec la vie
j'en ai marre de vivre
je veux juste disparaître
la mort serait mieux pour moi
personne ne remarquerait si je mourais
je me coupe les bras quand ça va pas
je veux que tout s'arrête
j'ai envie de sauter par la fenêtre
jsuis au bout jveux plu vivre
Je me fais du mal
j'ai essayé de me tuer l'année dernière
mon père m'a encore tapé hier soir
mon beau père me touche
mon frère me cogne dessus
j'ai peur de mon père il est violent
on m'a agressé sexuellement
un mec m'a violée en soirée
mon copain m'étrangle
il me frape tout les jours
ma mère me bat depuis que je suis petit
ils se moquent de moi tous les jours et me poussent
on m'insulte sur snap tout le temps
je suis harcelé par ma classe
je suis harcelée
des gens de ma classe me harcèlent
quelqu'un me fait chanter avec des photos
on me racket à la sortie
je me fais menacer par des mecs
je veux plus être là
jai envie de crever serieux
je vais me foutre en l'air
personne m'aime je veux mourir
j'ai envie de me tailler les veines
je pense a en finir depuis des semaines
je mérite pas de vivre
jsuis suicidaire
je sers à rien autant mourir
tu crois que ça fait mal de mourir ?
comment se suicider sans douleur
je dors plus et je pense qu'à mourir
mon père il m'a frappé avec une ceinture
mon ex me menace de mort
mon daron me tabasse
il m'a forcée à coucher avec lui
je me suis fait violer
mon copain m'a giflée
je me fais racketter à la gare
on me harcele par message depuis un mois
tout le monde m'insulte dans le groupe whatsapp
il menace de publier mes nudes
ils ont mis des photos de moi nue sur internet
jme fais harceler par mon ex
"""
MISSED = """
mon beau-père entre dans ma chambre la nuit
J'ai plus goût à rien
Personne ne me parle, je mange seul tous les midis
I want to die
"""
"""Distress that the rules do not hear: no word of it is there, or none of French."""

HARMLESS = """
Mon modèle meurt au bout de trois epochs
Comment tuer le processus ?
kill -9 ne marche pas, comment tuer un process ?
je veux tuer mon processus python
je vais tuer mon serveur
j'ai envie de tuer mon programme
Comment tuer un thread ?
Pourquoi mon noyau meurt dans Jupyter ?
Le kernel est mort
C'est quoi un neurone mort ?
C'est quoi le problème des ReLU mortes ?
Mon gradient disparaît
Pourquoi le gradient veut disparaître ?
Le gradient qui explose, c'est quoi ?
Comment faire disparaître le surapprentissage ?
je veux en finir avec ce TP
je suis mort de rire
je vais mourir de faim
mon code me tue
cette erreur me tue
Mon PC me lâche
le modèle me frappe par sa lenteur
il me tape sur les nerfs ce code
mon modèle me bat aux échecs
AlphaGo m'a battu au go
Comment détecter le suicide dans des tweets ?
Un modèle peut-il prévenir le suicide ?
Classer des messages de harcèlement
Un réseau qui détecte le cyberharcèlement, c'est possible ?
Comment détecter la violence dans une vidéo ?
Le jeu de données parle de violences
la violence du changement de poids
Comment couper les connexions d'un réseau ?
L'élagage coupe les branches mortes
Je me coupe du réseau pour tester hors ligne
Comment supprimer un fichier ?
je veux supprimer mon modèle
Comment abattre les coûts ?
C'est quoi une attaque adverse ?
Comment frapper une touche en Python ?
Quel optimiseur bat Adam ?
Le modèle est victime de surapprentissage
Je suis bloqué sur la convolution
je comprends rien, ça me saoule
j'en ai marre de ce TP
j'en peux plus de ce projet
je déteste les maths
je suis nul en maths
Je me sens perdu avec les tenseurs
comment vivre sans GPU
la durée de vie d'un token
Quelle est la vie d'un réseau ?
Faut-il arrêter l'entraînement tôt ?
Pourquoi arrêter avant la fin ?
À quoi bon normaliser ?
à quoi sert la perte ?
Ma perte ne baisse plus
Je perds la moitié de ma précision
le réseau oublie tout, c'est quoi l'oubli catastrophique ?
C'est quoi une fonction d'activation morte ?
Comment empêcher un modèle de se faire attaquer ?
je me fais avoir par les dimensions
mon prof me demande d'expliquer le dropout
on me demande la différence entre LSTM et GRU
Le script menace de saturer la mémoire
Comment exécuter un script ?
C'est quoi l'exécution paresseuse ?
Je veux battre le record de précision
Mon entraînement meurt au milieu
Comment tuer tous les processus python ?
killer un job sur le cluster
mon script se suicide tout seul
le noyau de convolution meurt
je veux tuer le serveur flask
mon GPU va mourir
j'ai envie de tout casser avec ce bug
la mort du neurone ReLU
comment survivre au TP de deep learning
je me bats avec les dimensions des tenseurs
Le modèle peut-il reconnaître une agression sur une caméra ?
jeu de données sur les tentatives de suicide
on m'a demandé de faire un CNN
on me dit que Adam est meilleur
je me fais recaler par le validateur
je vais supprimer mes données
Comment se débarrasser du bruit ?
Pourquoi ça plante quand je touche au batch size ?
quel modèle frappe le plus fort
peur de rater mon examen sur les CNN
je stresse pour l'exam
pourquoi le gradient meurt dans les RNN ?
je suis dégoûté, mon code a disparu
faut-il punir le modèle quand il se trompe ?
c'est quoi une attaque par force brute ?
le réseau a été battu par une forêt aléatoire
je veux finir ce TP
mon pote me dit que dropout tue des neurones
elle m'a tapé le code dans le terminal
Le serveur refuse de mourir
comment tuer un conteneur docker
mon modèle veut pas apprendre je vais craquer
j'ai envie de dormir
la vie d'un thread
mon code ne marche plus, je veux tout recommencer
Adam a battu SGD sur mon jeu de données
pourquoi le prof me met une mauvaise note
je veux supprimer une couche
peut-on harceler un serveur de requêtes ?
l'attaque par empoisonnement me fait peur
que veut dire vanishing gradient
il me faut un GPU
mon binôme me tape la honte avec son code
le test me frappe une erreur
Comment finir avec une couche softmax
on me demande de tuer les neurones inutiles
J'ai peur de me tromper de fonction de perte
si je supprime une couche que se passe-t-il
la boucle tourne à mort
"""


def sentences(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("sentence", sentences(SELF_HARM))
def test_self_harm_is_heard(sentence: str) -> None:
    assert distress_in(sentence) is Distress.SELF_HARM


@pytest.mark.parametrize("sentence", sentences(VIOLENCE))
def test_violence_is_heard(sentence: str) -> None:
    assert distress_in(sentence) is Distress.VIOLENCE


@pytest.mark.parametrize("sentence", sentences(HARASSMENT))
def test_harassment_is_heard(sentence: str) -> None:
    assert distress_in(sentence) is Distress.HARASSMENT


@pytest.mark.parametrize("sentence", sentences(ANY))
def test_any_distress_is_heard(sentence: str) -> None:
    assert distress_in(sentence) is not None


@pytest.mark.parametrize("sentence", sentences(MISSED))
def test_what_the_rules_cannot_hear_is_written_down(sentence: str) -> None:
    assert distress_in(sentence) is None


@pytest.mark.parametrize("sentence", sentences(HARMLESS))
def test_talk_of_computing_raises_no_alarm(sentence: str) -> None:
    assert distress_in(sentence) is None
