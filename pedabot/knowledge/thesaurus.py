"""Words that mean nearly the same, in the French of a computing class: each line is a group.

A question is looked for under the other words of its groups too, with less weight. The groups are
of the language, not of one course.
"""

from __future__ import annotations

from collections import defaultdict

from pedabot.knowledge.text import stem

_GROUPS = """
garder conserver stocker enregistrer sauvegarder archiver memoriser trace historique persistance
effacer supprimer retirer enlever ote couper eliminer
montrer afficher visualiser presenter affichage
couper decouper separer decomposer segmenter morceau bout fragment decoupage
lent lenteur ramer traine attendre patienter attente delai latence
rapide vite accelerer vitesse rapidite
tromper erreur ecart faux perte
verifier controler tester valider validation controle
petit leger reduire compacter compresser alleger diminuer retrecir rapetisser
gros lourd volumineux enorme peser poids taille
brancher relier connecter integrer raccorder
fabriquer creer generer produire inventer construire
panne planter indisponible echouer echec tomber repli bug
chercher trouver retrouver rechercher recuperer recherche
deviner predire estimer prediction prevoir prevision
reconnaitre identifier detecter classer classifier detection
cadre encadrer entourer delimiter localiser
retranscrire transcrire transcription dicter sous-titres parole
photo image cliche dessin picture
moyenne mediane centile
apprendre entrainer entrainement apprentissage
reentrainer affiner fine-tuning ajuster adapter specialiser
geler figer bloquer freeze
melanger combiner fusionner
agrandir augmenter accroitre multiplier
ajuster regler reglage parametre configurer
limite plafond quota maximum seuil borner
abus spam spammer abuser saturer inonder
nombre chiffre valeur numerique
liste tableau vecteur
proche ressemblant semblable similaire proximite similarite
sens signification semantique
repondre reponse renvoyer retourner
question demande requete
envoyer transmettre soumettre poster
recevoir obtenir
payer facture cout cher prix depense tarif argent
economiser reduire depense
voler fuite pirater attaque hacker malveillant
proteger securiser securite defendre premunir empecher eviter
nettoyer assainir filtrer echapper
secret confidentiel sensible prive personnel
mail courriel email adresse
journal log trace journalisation
surveiller superviser supervision monitoring alerte indicateur metrique
mesurer chronometrer evaluer mesure
entreprise boite societe client
eleve etudiant apprenant apprenti lyceen
prof enseignant professeur formateur
cours lecon fiche
reviser revision quiz exercice
technicien depannage helpdesk assistance support
client acheteur utilisateur visiteur internaute
dialogue conversation discussion echange tchat chat chatbot
bot chatbot assistant robot tuteur
consigne instruction directive prompt regle
ton style personnalite
hasard aleatoire creatif creativite variete
couper tronquer arret arreter stopper
memoire ram vram
fichier document pdf
ordinateur machine pc poste
telephone mobile smartphone android embarque
carte puce processeur gpu
navigateur page javascript client
serveur backend
bouton formulaire champ saisie
taper saisir entrer ecrire
couleur pixel teinte
contour bord motif forme
filtre noyau kernel
glisser parcourir balayer
maximum plus-forte max
moyen moyenne
couche niveau etage
empiler superposer enchainer
neurone unite perceptron
lineaire proportionnel
courbe graphique
memoriser coeur retenir
nouveau inconnu inedit jamais-vu
oublier perdre disparaitre evanouir
precedent passe avant anterieur
suite sequence serie succession
phrase texte mot
langue langage
traduire traduction
resumer resume synthese
rediger ecrire redaction
commenter documenter documentation readme
code programme script logiciel
bibliotheque framework librairie outil
choisir comparer preferer
format fichier export exporter convertir
partager publier diffuser
telecharger recuperer
pretraine preentraine deja-pret existant
professeur maitre enseignant teacher
eleve student
imiter copier reproduire
arrondir precision
flottant float32 32-bits
entier int8
connexion lien poids
calcul multiplication operation
compilateur compiler compilation
nvidia cuda gpu
simultane parallele concurrent
seconde milliseconde temps duree
nuit lot batch masse
vente commerce e-commerce magasin
tendance analyse statistique rapport
tableau-de-bord dashboard indicateur
sous-marin bruit debruiter diffusion
visage personne
son audio voix voix
musique audio
prototype maquette mvp demo
etape phase iteration
equipe groupe binome
planning jalon sprint
panne repli secours degrade
exception erreur try
reessayer retry tentative relancer
cache memoiser
recharger charger chargement demarrage
redemarrer relancer reboot
confiance probabilite certitude
rare desequilibre minoritaire
bon juste correct exact
trompeur piege illusion
choix decision
hors-ligne offline deconnecte
internet reseau web
interface ecran ui
plaire ergonomie experience ux
"""


def _synonyms() -> dict[str, tuple[str, ...]]:
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for line in _GROUPS.strip().splitlines():
        members = {stem(word) for word in line.replace("-", " ").split()}
        for member in members:
            groups[member] |= members
    return {member: tuple(sorted(others - {member})) for member, others in groups.items()}


SYNONYMS = _synonyms()
"""For each stem, those of nearly the same meaning."""
