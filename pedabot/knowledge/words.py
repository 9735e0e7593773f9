"""Tables of words: stop words, SMS spellings, English beside French. General, not of one course."""

from __future__ import annotations

STOP = frozenset(
    """
    a ai aie ainsi alors apres as assez au aucun aucune aussi autant autre autres aux
    avait avant avec avez avoir avons bah beaucoup ben bien bon bonjour bref bsr c ca car
    ce ceci cela celle celles celui ces cet cette ceux chaque chez ci comme comment compte
    crois croire croit d dans de deja depuis des dessous dessus deux devais devait devoir
    devrait devrais dire dis disent dit dites dois doit doivent donc donne donner du dur
    elle elles en encore enfin entre es est et etaient etait etant ete etes etre eu eux
    fais faire fait faites faut font fois genre grace gros guere hein ici il ils j jamais
    je juste l la laquelle le lequel les lesquelles lesquels leur leurs lorsque lui m ma
    maintenant mais me meme memes mes met mets mettre mieux moi moins mon moyen n ne ni
    non nos notre nous nul on ont ou oui ouais par parce pareil parle parler parmi pas
    passe passer pendant peu peut peuvent peux plus plusieurs plutot point pour pourquoi
    pourra pourrait pourrais pouvez pouvoir pres presque prend prendre puis puisque qu
    quand quant que quel quelle quelles quels quelque quelques qui quoi s sa sais sait
    salut sans savoir se sera serait ses si sien soi sois soit son sont sous souvent suis
    sur svp t ta tant te tel telle tellement tels tes toi ton toujours tous tout toute
    toutes tres trop tu un une va vais vas vers veut veulent veux via voici voila voir
    vois vont vos votre voudrais voudrait vous vrai vraiment vu y coup combien ensuite
    dedans abord truc trucs machin chose autrement compte comptent vient venir premier
    premiere deuxieme troisieme second seconde dernier derniere merci stp bonsoir coucou
    hello ok okay aide aidez the an of to is are was be been it its this that these those
    and or in for with at by from do does did doing can could should would will shall may
    might must have has had how what why which who whom where when there their they them
    he she we you your my our me us i im am so if not no yes any some just than then too
    also only as into out up about please actually explain tell need want get got let make
    made
    """.split()
)
"""Words that say nothing of the subject of a question (folded, elisions already taken off)."""

FRAMING = frozenset(
    """
    aimerais arrive bete choses cite citer clair comprendre comprends compris concret
    concretement concretes connaitre connais consiste correspond cours debut definir
    definition demande demander detail details detaille developpe dif difference
    differences differe different differents differente dsl ecrire ecrit equivalent etape
    etapes exactement exemple exemples exo explication expliquer explique expliques facon
    fin fonctionne fonctionnement francais gens gros idee idees indique inverse contraire
    interet interesse laisse liste maniere marche marcher montre montrer mot mots notion
    notions nom part parle pige piger capte petit petite phrase phrases plaire plait point
    points possible pourrais precise precisement present presente principe prof projet
    propos question questions raison rappelle rapport reponse resume resumer rien role
    sens sert servent servir signifie signification simple simplement sorte suite type
    types terme termes utile utilise utiliser utilite utilisation veut vite voudrais
    vouloir difficile facile example mean means meaning use used using work works working
    difference between
    """.split()
)
"""Words by which a question is put; they count little, and are no sign of another subject."""

SMS = {
    "koi": "quoi", "kwa": "quoi", "kel": "quel", "kelle": "quelle", "ke": "que", "ki": "qui",
    "pk": "pourquoi", "pkoi": "pourquoi", "prk": "pourquoi", "pq": "pourquoi", "prkoi": "pourquoi",
    "pourkoi": "pourquoi", "cmt": "comment", "cmnt": "comment", "komen": "comment",
    "commen": "comment", "pr": "pour", "ds": "dans", "ac": "avec", "avk": "avec", "av": "avec",
    "jsuis": "je suis", "chui": "je suis", "chuis": "je suis", "jsui": "je suis",
    "jpp": "", "jveu": "je veux", "jveux": "je veux", "jvoudrais": "je voudrais",
    "jdois": "je dois", "jfais": "je fais", "jfait": "je fais", "jsais": "je sais",
    "jcomprends": "je comprends", "jcomprend": "je comprends", "jai": "j ai", "jarrive": "j arrive",
    "jpeux": "je peux", "jpeu": "je peux", "jme": "je me", "jte": "je te", "jle": "je le",
    "jla": "je la", "jmets": "je mets", "jutilise": "j utilise", "g": "j ai", "c": "c est",
    "cc": "", "slt": "", "bjr": "", "bsr": "", "wsh": "", "wesh": "", "frr": "", "frere": "",
    "tkt": "", "mdr": "", "lol": "", "ptdr": "", "jsp": "je sais pas", "svp": "", "stp": "",
    "plz": "", "pls": "", "dsl": "", "ptn": "", "putain": "", "oklm": "", "tavu": "",
    "sa": "sa", "fo": "faut", "fodrait": "faudrait", "ya": "il y a", "yan": "il y en",
    "tt": "tout", "tte": "toute", "tjs": "toujours", "tjrs": "toujours", "bcp": "beaucoup",
    "qd": "quand", "qqn": "quelqu un", "qqch": "quelque chose", "qq": "quelque", "chak": "chaque",
    "pb": "probleme", "pbs": "problemes", "pblm": "probleme", "rep": "reponse", "repond": "repond",
    "ptit": "petit", "ptite": "petite", "ptits": "petits", "nimp": "n importe quoi",
    "kesako": "", "kezako": "", "vla": "voila", "dla": "de la", "dmon": "de mon", "dun": "d un",
    "dune": "d une", "lia": "ia", "nn": "non", "mm": "meme", "mtn": "maintenant", "auj": "",
    "msg": "message", "msgs": "messages", "mdp": "mot de passe", "ordi": "ordinateur",
    "appli": "application", "applis": "applications", "app": "application", "apps": "applications",
    "explik": "explique", "xpliker": "expliquer", "expliker": "expliquer", "dif": "difference",
    "diff": "difference", "cest": "c est", "ct": "c etait", "cetait": "c etait", "quil": "qu il",
    "quon": "qu on", "nan": "non", "dac": "", "pcq": "parce que", "pcke": "parce que",
    "psk": "parce que", "vs": "vs", "ex": "exemple", "nb": "nombre", "nbr": "nombre", "algo":
    "algorithme", "doc": "documentation", "docs": "documentation", "config": "configuration",
    "params": "parametres", "param": "parametre", "bdd": "base de donnees", "db": "base de donnees",
    "info": "information", "infos": "informations", "sav": "service client",
    "prkw": "pourquoi", "cmb": "combien", "cb": "combien", "keskon": "qu est ce qu on",
    "kesk": "qu est ce que", "keske": "qu est ce que", "kes": "qu est", "koment": "comment",
    "komment": "comment", "coment": "comment", "kan": "quand", "kand": "quand", "keu": "que",
    "kon": "qu on", "kil": "qu il", "kelk": "quelque", "kelkun": "quelqu un", "jv": "je vais",
    "jvais": "je vais", "jpige": "je pige", "jcapte": "je comprends",
    "jutilis": "j utilise", "jmet": "je mets", "jprends": "je prends", "jprend": "je prends",
    "jrecup": "je recupere", "jcherche": "je cherche", "jlance": "je lance", "jecris": "j ecris",
    "jessaie": "j essaie", "jessaye": "j essaie", "jarrete": "j arrete", "jentraine": "j entraine",
    "jetais": "j etais", "javais": "j avais", "jaimerais": "j aimerais", "jpense": "je pense",
    "jconnais": "je connais", "jfous": "je mets", "jbosse": "je travaille", "jstocke": "je stocke",
    "taf": "travail", "bosse": "travaille", "bosser": "travailler", "boulot": "travail",
    "recup": "recuperer", "recupe": "recuperer", "verif": "verifier", "modif": "modifier",
    "compar": "comparer", "def": "definition", "proba": "probabilite", "probas": "probabilites",
    "stats": "statistiques", "stat": "statistique", "dico": "dictionnaire", "bibli": "bibliotheque",
    "biblio": "bibliotheque", "perf": "performance", "perfs": "performances", "prod": "production",
    "dev": "developpement", "admin": "administrateur", "archi": "architecture", "conv":
    "convolution", "optim": "optimisation", "optims": "optimisations", "hyperparam":
    "hyperparametre", "hyperparams": "hyperparametres", "regul": "regularisation", "quantif":
    "quantification", "activ": "activation", "retroprop": "retropropagation", "backprop":
    "retropropagation", "preproc": "pretraitement", "tuto": "tutoriel", "vids": "videos",
    "tof": "photo", "tofs": "photos", "fotos": "photos", "foto": "photo",
    "biz": "", "srx": "", "serieux": "", "stv": "", "tqt": "", "askip": "", "mskn": "",
    "trkl": "", "bg": "", "gro": "", "khey": "", "reuf": "", "sah": "", "grv": "", "trop": "",
    "oe": "oui", "ouai": "oui", "nop": "non", "pe": "peut", "pt": "peut",
    "vrmt": "vraiment", "vrm": "vraiment", "mtnt": "maintenant", "ajd": "aujourd hui",
    "qlq": "quelque", "qqs": "quelques", "tps": "temps", "tmps": "temps", "lgtps": "longtemps",
    "prblm": "probleme", "pblem": "probleme", "difrence": "difference", "diference": "difference",
    "2e": "deuxieme", "2eme": "deuxieme", "1er": "premier", "1ere": "premiere",
}  # fmt: skip
"""SMS and short spellings (folded) to the words meant; an empty string is dropped."""

MEANINGS = {
    # English to the French of a computing course
    "accuracy": "precision exactitude", "activation": "activation", "answer": "reponse",
    "answers": "reponses", "audio": "audio", "backpropagation": "retropropagation",
    "batch": "lot batch", "behind": "derriere", "best": "meilleur", "bias": "biais",
    "bill": "facture cout", "bug": "erreur", "build": "construire", "button": "bouton",
    "call": "appel appeler", "calling": "appel", "calls": "appels", "cheap": "cout moins cher",
    "check": "controler verifier", "checks": "controles verification validation",
    "choose": "choisir", "clean": "nettoyer", "compare": "comparer", "compress": "compresser",
    "compute": "calculer calcul", "convert": "convertir", "cost": "cout", "costs": "couts",
    "crash": "plante erreur", "customer": "client", "data": "donnees", "dataset": "jeu donnees",
    "deploy": "deployer deploiement", "device": "appareil", "download": "telecharger",
    "drop": "retirer", "error": "erreur", "errors": "erreurs", "expensive": "cher cout",
    "explode": "explose", "export": "exporter", "expose": "exposer servir", "fail": "echec panne",
    "fails": "echec panne", "fast": "rapide vite", "faster": "rapide accelerer", "file": "fichier",
    "find": "trouver", "fixed": "corrige resolu", "fix": "corriger", "freeze": "geler",
    "frozen": "gele", "grade": "note", "hardware": "materiel", "hidden": "cache",
    "history": "historique", "image": "image", "images": "images", "improve": "ameliorer",
    "input": "entree", "inputs": "entrees", "key": "cle", "keys": "cles", "knowledge":
    "connaissances", "labels": "etiquettes", "language": "langage langue", "layer": "couche",
    "layers": "couches", "leak": "fuite", "learn": "apprendre", "learning": "apprentissage",
    "library": "bibliotheque framework", "light": "leger", "limit": "limiter limite",
    "load": "charger chargement", "log": "journal", "logs": "journaux", "long": "long",
    "loss": "perte", "measure": "mesurer", "memory": "memoire", "message": "message",
    "mistake": "erreur", "model": "modele", "models": "modeles", "network": "reseau",
    "networks": "reseaux", "neuron": "neurone", "noise": "bruit", "object": "objet",
    "objects": "objets", "optimizer": "optimiseur", "output": "sortie", "outputs": "sorties",
    "overfit": "surapprentissage", "overfitting": "surapprentissage", "password": "mot passe",
    "pick": "choisir", "picture": "image photo", "pictures": "images photos", "predict": "predire",
    "prediction": "prediction", "prevent": "empecher eviter", "protect": "proteger",
    "question": "question", "quick": "rapide", "random": "aleatoire", "rate": "taux", "remove":
    "retirer supprimer", "request": "requete", "requests": "requetes", "retrieve": "retrouver",
    "run": "executer tourner", "running": "executer", "safe": "sur securite", "sample":
    "echantillon", "save": "enregistrer", "school": "ecole", "search": "recherche", "security":
    "securite", "send": "envoyer", "sentence": "phrase", "sentences": "phrases", "server":
    "serveur", "sequence": "sequence suite", "shrink": "reduire", "size": "taille", "slow": "lent",
    "small": "petit", "smaller": "petit reduire", "sound": "son audio", "speech": "parole voix",
    "speed": "vitesse", "split": "decouper separer", "stop": "arreter", "store": "stocker garder",
    "student": "eleve etudiant", "students": "eleves etudiants", "summary": "resume",
    "teacher": "professeur", "test": "test", "text": "texte", "token": "token", "train":
    "entrainer entrainement", "trained": "entraine", "training": "entrainement", "translate":
    "traduire", "trust": "confiance", "unseen": "nouveaux", "user": "utilisateur", "users":
    "utilisateurs", "vanishing": "evanouissement disparition", "vector": "vecteur", "vectors":
    "vecteurs", "vision": "vision", "voice": "voix", "weight": "poids", "weights": "poids",
    "word": "mot", "words": "mots", "wrong": "faux erreur",
    # colloquial or everyday to the course's register
    "bot": "chatbot assistant", "chatbot": "bot assistant", "boite": "entreprise", "photo":
    "image", "photos": "images", "pc": "ordinateur machine", "portable": "telephone mobile",
    "telephone": "mobile smartphone", "tel": "telephone mobile", "smartphone": "mobile telephone",
    "rame": "lent latence", "ramer": "lent latence", "lag": "latence lent", "bugue": "erreur",
    "plante": "erreur panne", "planter": "erreur panne", "cher": "cout", "payer": "cout payer",
    "facture": "cout", "fric": "cout", "thune": "cout", "argent": "cout", "hacker": "attaque",
    "pirate": "attaque", "pirater": "attaque", "vole": "fuite", "voler": "fuite",
    "truc": "", "machin": "", "bidule": "", "ouf": "", "ia": "modele", "ai": "",
    "robot": "chatbot assistant", "logiciel": "outil", "retenir": "memoriser", "coeur": "memoriser",
    "invente": "hallucination inventer", "inventer": "hallucination", "eleve": "etudiant",
    "etudiant": "eleve", "prof": "enseignant professeur", "bts": "",
    "son": "audio", "musique": "audio son", "micro": "audio", "parole": "audio voix",
    "chiffre": "nombre valeur", "chiffres": "nombres valeurs", "delai": "temps latence",
    "nettoyer": "assainir", "alleger": "reduire leger", "abimer": "degrader perte",
    "joli": "interface", "moche": "interface", "ecran": "interface page", "site": "application web",
}  # fmt: skip
"""Words beside which others are looked for too, with less weight."""
