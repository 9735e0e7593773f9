"""Pairs of questions that ask the same or not, labelled before the rules were written down."""

from __future__ import annotations

import pytest

from pedabot.knowledge.likeness import gist, same_question

SAME = """
C'est quoi la quantification ? | Explique la quantification
C'est quoi un LSTM ? | qu'est-ce qu'un lstm
C'est quoi le dropout ? | dropout
Pourquoi passer en int8 ? | pk passer en int8
Comment marche la rétropropagation ? | comment fonctionne la retropropagation
À quoi sert l'élagage ? | l'élagage, ça sert à quoi ?
À quoi sert l'élagage ? | Quelle est l'utilité de l'élagage ?
C'est quoi la différence entre LSTM et GRU ? | différence entre GRU et LSTM
Explique la convolution | explique moi la covolution stp
C'est quoi le surapprentissage ? | c koi le surapprentisage
C'est quoi un réseau de neurones ? | C'est quoi les réseaux de neurones ?
C'est quoi la normalisation ? | c'est quoi la normalistaion
Que veut dire epoch ? | Ça veut dire quoi, epoch ?
Donne un exemple de convolution | Un exemple de convolution
C'est quoi le langage C ? | Explique le langage C
Peux-tu m'expliquer la descente de gradient ? | La descente de gradient, c'est quoi ?
Quand utiliser un autoencodeur ? | c'est quand qu'on utilise un autoencodeur
C'est quoi la couche de sortie ? | definition couche de sortie
Qui a gagné la coupe du monde ? | qui a gagner la coupe du monde
"""

MISSED = """
Combien de couches dans VGG16 ? | vgg16 combien de couches
Comment éviter le surapprentissage ? | Comment lutter contre le surapprentissage ?
"""
"""The same to a person; the rules are too careful for them, and the tutor answers."""

OTHER = """
C'est quoi un LSTM ? | C'est quoi un GRU ?
C'est quoi le surapprentissage ? | C'est quoi le sous-apprentissage ?
C'est quoi l'overfitting ? | C'est quoi l'underfitting ?
Pourquoi passer en int8 ? | Pourquoi passer en int4 ?
Pourquoi passer de float32 à int8 ? | Pourquoi passer de int8 à float32 ?
C'est quoi l'apprentissage supervisé ? | C'est quoi l'apprentissage non supervisé ?
Pourquoi mon modèle apprend ? | Pourquoi mon modèle n'apprend pas ?
Pourquoi utiliser le dropout ? | Pourquoi ne jamais utiliser le dropout ?
Pourquoi utiliser le dropout ? | Comment utiliser le dropout ?
C'est quoi le dropout ? | À quoi sert le dropout ?
C'est quoi la précision ? | C'est quoi la prévision ?
C'est quoi VGG16 ? | C'est quoi VGG19 ?
Un pas de 0.5 | Un pas de 0.05
C'est quoi GPT-3 ? | C'est quoi GPT-4 ?
C'est quoi un encodeur ? | C'est quoi un décodeur ?
C'est quoi Adam ? | C'est quoi AdamW ?
C'est quoi ReLU ? | C'est quoi SELU ?
Entraîner avec un GPU | Entraîner sans GPU
Quel modèle est le plus rapide ? | Quel modèle est le moins rapide ?
Le langage C | Le langage R
Le langage c | Le langage c++
La classe A dans la matrice de confusion | La classe B dans la matrice de confusion
C'est quoi la régression linéaire ? | C'est quoi la régression logistique ?
C'est quoi la régression simple ? | C'est quoi la régression ?
C'est quoi le max pooling ? | C'est quoi le min pooling ?
Différence entre LSTM et GRU ? | Différence entre LSTM et RNN ?
Explique la différence entre LSTM et GRU | Explique LSTM et GRU
Donne un exemple de convolution | C'est quoi la convolution ?
Normaliser avant le partage | Normaliser après le partage
Et alors ? | C'est quoi ?
Quelle est la capitale de la France ? | Quelle est la capitale de l'Italie ?
Combien de couches dans VGG16 ? | Combien de poids dans VGG16 ?
Un LSTM est-il meilleur qu'un GRU ? | Un GRU est-il meilleur qu'un LSTM ?
C'est quoi un batch ? | C'est quoi un patch ?
C'est quoi le bagging ? | C'est quoi le boosting ?
C'est quoi la perte ? | C'est quoi la porte ?
Comment augmenter le learning rate ? | Comment diminuer le learning rate ?
C'est quoi BERT ? | C'est quoi BART ?
C'est quoi une couche dense ? | C'est quoi une couche de sortie ?
x = y en Python | x != y en Python
"""


def pairs(text: str) -> list[tuple[str, str]]:
    return [(line.split(" | ")[0], line.split(" | ")[1]) for line in text.splitlines() if line]


@pytest.mark.parametrize(("one", "other"), pairs(SAME))
def test_the_same_question_in_other_words(one: str, other: str) -> None:
    assert same_question(gist(one), gist(other))
    assert same_question(gist(other), gist(one))


@pytest.mark.parametrize(("one", "other"), pairs(OTHER + MISSED))
def test_another_question_is_never_taken_for_the_same(one: str, other: str) -> None:
    assert not same_question(gist(one), gist(other))
    assert not same_question(gist(other), gist(one))
