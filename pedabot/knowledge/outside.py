"""What students ask a tutor about that is another subject: everyday life, school, other computing.

A word of these lists speaks against the course, unless the course itself is about it (has it in a
title, an alias or a sample question). So the same lists serve a course on SQL or on networks.
"""

from __future__ import annotations

import re

from pedabot.knowledge.text import stem

_EVERYDAY = """
monde mondial demain hier
recette cuisine cuisiner cuire cuisson four gateau crepe pate pates pizza sauce sucre sel farine
beurre oeuf oeufs lait poulet viande poisson legume legumes fruit fruits salade soupe dessert
chocolat cafe the biere vin alcool boire manger mange repas diner dejeuner restaurant regime
calorie calories vegan kebab burger sandwich fromage riz carbonara tiramisu lasagne couscous
football foot match ligue championnat champion champions coupe equipe joueur buts psg om
mbappe messi ronaldo zidane tennis rugby basket nba judo velo cyclisme formule course marathon
musculation muscu abdos gym sport sportif entraineur stade olympique olympiques medaille jo
film films serie series netflix cinema actrice realisateur anime manga manhwa chanson
chanter chanteur chanteuse rappeur rap concert album musicien guitare piano spotify youtube
youtubeur twitch streamer tiktok instagram snapchat insta snap facebook discord jeu jeux console
playstation xbox nintendo switch fortnite minecraft roblox valorant lol gta fifa steam pokemon
blague blagues humour devinette horoscope astrologie signe astrologique poeme poesie rap
meteo pluie pleuvoir neige neiger soleil orage temperature degre degres dehors canicule
voyage voyager vacances avion train sncf billet hotel camping plage montagne ski passeport visa
valise bus metro tram ticket itineraire voiture permis conduire code essence garage
mecanicien moto scooter trottinette pneu vidange radar amende
amour amoureux amoureuse copain copine crush couple rupture larguer quitter sexe mariage divorce
parents mere pere frere soeur famille bebe enfant enfants grossesse anniversaire cadeau noel
triste tristesse deprime depression stress stresse angoisse anxiete pleurer dormir sommeil insomnie
fatigue fatigue malade maladie medecin docteur medicament doliprane fievre toux rhume grippe
covid vaccin douleur mal tete ventre dos dent dentiste hopital urgence symptome allergie bouton
boutons acne peau cheveux coiffeur maquillage parfum vetement vetements robe chaussures basket
baskets sneakers nike maigrir grossir regime
chien chat chats chiens hamster lapin cheval animal animaux veterinaire croquettes aquarium
plante plantes jardin jardinage fleur arroser potager bricolage peinture meuble ikea
loyer appartement appart logement studio colocation coloc caf apl bourse crous bail proprietaire
banque pret credit salaire smic impot impots declaration retraite assurance mutuelle euro
euros bourse bitcoin crypto cryptomonnaie investir placement trading livret
horaire horaires ouverture fermeture magasin supermarche carrefour lidl amazon vinted leboncoin
livraison colis poste acheter promo solde soldes prix garantie remboursement
barbecue glace bonbon gouter petit-dej omelette puree frites sushi ramen tacos brunch mayonnaise
moutarde ail oignon tomate tomates carotte courgette pomme pommes banane fraise citron epice curry
poivre huile creme farce rotir mijoter bouillir congeler congelateur frigo casserole poele
ballon gardien penalty arbitre transfert mercato euro finale demi-finale classement roland
garros nadal federer hamilton verstappen wimbledon escalade natation nager piscine surf boxe
karate yoga pilates footing courir pompes tractions proteines whey sommeil coach gardien
naruto luffy goku pikachu zelda mario sonic elden ring overwatch call duty warzone skin skins
ranked elo champion vbucks robux twitch abonnes followers likes influenceur podcast
oscar cannes marvel disney pixar star wars harry potter seigneur anneaux hobbit batman avatar
episode episodes scenario drama kdrama beatles johnny stromae angele jul ninho pnl
aya nakamura beyonce taylor swift drake partition accord solfege batterie violon
proverbe citation rime rimes conte comptine charade enigme devine rigoler rire drole mdr
neigera pleut pleuvra meteorologie nuage nuages vent tempete grele verglas
hotel airbnb auberge bagage douane frontiere decalage horaire dubai londres lyon marseille
lille toulouse bordeaux nantes nice strasbourg rennes montpellier madrid barcelone rome milan berlin
tokyo pekin moscou washington york angleterre portugal grece maroc algerie tunisie senegal canada
australie inde russie suisse belgique turquie mexique argentine
garagiste embrayage frein freins batterie carburant diesel essence peage bouchon covoiturage
blablacar vignette assurer sinistre constat
bague fiancaille saint-valentin sentiment sentiments embrasser draguer tinder ex-copine jalousie
jaloux jalouse dispute seduire solitude timide timidite confiance ami amis amitie
papa maman oncle tante cousin cousine grand-mere grand-pere beau-pere neveu jumeaux accouchement
angine migraine vomir vomit nausee diarrhee entorse fracture plaie cicatrice ordonnance pharmacie
kine psychologue psy therapie addiction cigarette fumer vapoter cannabis drogue puff calvitie
barbe raser rasoir epiler dentifrice shampoing tatouage piercing bijou montre manteau jean pull
chiot chaton poisson-rouge perroquet tortue lapin laisse collier gamelle puces tique
engrais semer tomate rosier pelouse tondre tondeuse haie outil perceuse vis clou plomberie
robinet chaudiere radiateur electricien menuisier carrelage papier-peint lave-vaisselle aspirateur
edl  preavis charges syndic caution garant quittance taxe habitation fonciere
epargne retirer virement rib iban bleue decouvert agios paypal lydia revolut bourse dividende
notaire heritage succession naturalisation prefecture sejour identite mairie vote
pole france-travail alternance stage recruteur linkedin
smic net brut prime ticket-resto teletravail demission preavis rupture conventionnelle
cantine dortoir proviseur cpe surveillante bulletin
emploi-du-temps salle amphi rentree vacances toussaint
loto euromillions casino pari parier poker belote echecs dames sudoku puzzle
president macron election elections voter vote politique gouvernement ministre parti depute
assemblee senat loi tribunal avocat police gendarme justice prison greve manifestation
guerre ukraine israel religion dieu bible coran islam chretien priere ramadan
bac brevet parcoursup lettre motivation cv entretien embauche recruteur emploi chomage
interim patron conge conges absence retard vie scolaire cantine internat surveillant sanction
"""

_SCHOOL = """
histoire bataille roi reine revolution napoleon louis empire siecle antiquite age verdun
hitler guerre mondiale colonisation geographie capitale pays continent fleuve population
habitants drapeau mongolie perou japon chine espagne italie allemagne bresil afrique europe
philosophie dissertation commentaire litteraire roman auteur ecrivain hugo moliere zola camus
baudelaire rimbaud poete conjugaison conjuguer subjonctif imparfait compose verbe grammaire
orthographe accord participe dictee anglais espagnol allemand italien chinois traduire traduis
traduction vocabulaire oral toeic
mathematiques maths math equation equations racine racines polynome trigonometrie geometrie
triangle cercle pythagore thales theoreme integrale primitive suites arithmetique
arithmetiques geometrique geometriques logarithme exponentielle
nombres premiers fraction fractions pourcentage pgcd denombrement combinatoire
physique chimie chimique molecule atome electron newton electricite ohm tension intensite
circuit resistance photosynthese cellule biologie svt adn gene evolution darwin dinosaure planete
planetes espace lune mars astronomie volcan seisme climat ecologie
economie cejm management marketing droit juridique contrat clause clauses societe sarl sas
bilan comptable comptabilite tva inflation pib demande marche salarie employeur licenciement
cdd cdi syndicat culture generale
grammatical adjectif adverbe pronom passe-simple plus-que-parfait conditionnel imperatif gerondif
verbes irreguliers preterit preterite perfect past simple traduction these
antithese synthese problematique citation metaphore alliteration sonnet
alexandrin theatre tragedie comedie romantisme naturalisme surrealisme flaubert balzac voltaire
rousseau descartes platon socrate kant nietzsche sartre freud marx bonheur liberte conscience
pyramide egypte romain romains gaulois vikings croisade croisades renaissance reforme jeanne arc
charlemagne clovis waterloo trafalgar vichy resistance debarquement shoah holocauste apartheid
kennedy staline lenine mussolini mao gandhi mandela gaulle mitterrand chirac sarkozy
onu otan ue brexit euro mondialisation urbanisation demographie
perimetre aire pi hypotenuse cosinus sinus tangente discriminant factoriser developper
inequation quotient dividende diviseur ppcm matrice determinant binomiale esperance
variance convergence divergence asymptote continuite recurrence congruence
binaire hexadecimal octal booleen karnaugh
proton neutron ion acide ph oxydation moles mole periodique combustion gaz liquide
solide vitesse acceleration gravite newton joule watt volt ampere onde
lumiere optique lentille refraction relativite einstein quantique
mitose meiose chromosome bacterie virus anticorps poumon foie rein squelette muscle
dinosaures mammifere reptile insecte abeille baleine requin
prudhommes prud hommes responsabilite civile penale delit propriete intellectuelle brevet marque
actionnaire associe statuts bilan actif passif amortissement tresorerie  marge
benefice pestel swot porter mercatique concurrence monopole oligopole
chsct cse delegue collective accord entreprise
"""

_COMPUTING = """
vlan vlans trunk switch commutateur routeur router routage ospf rip bgp stp cisco juniper packet
tracer cable ethernet rj45 fibre wifi sous reseau masque ip ipv4 ipv6 cidr dhcp dns nat arp ping
pinguer pinguent passerelle vpn ipsec wireguard openvpn parefeu firewall pfsense iptables nftables
acl proxy squid osi tcp udp wireshark nmap ssh telnet ftp sftp samba nfs smtp imap postfix exchange
active directory gpo gpos domaine controleur ldap kerberos windows hyper vmware virtualbox proxmox
vm vms virtualisation esxi hyperviseur raid nas san lvm partition disque bios uefi boot grub
sauvegarde veeam bacula imprimante impression pilote toner nagios zabbix
centreon glpi itil ticketing ubuntu debian centos linux bash shell chmod chown sudo cron
crontab systemctl apt powershell cmd registre bitlocker ransomware virus antivirus malware trojan
phishing hameconnage kali metasploit
subnet subnetting broadcast multicast unicast hub bridge wan lan man mpls adsl vdsl 4g 5g
antenne ssid wpa radius 802 portail captif spanning tree etherchannel lacp hsrp vrrp mac
collision trame paquet ttl traceroute tracert nslookup ipconfig ifconfig telnet console
dmz bastion proxy reverse syslog snmp mib prtg centreon grafana netdata
roaming itinerant ou securite dfs wsus wds mdt sccm intune azure
office 365 sharepoint teams outlook onedrive
grep awk sed find tar zip rsync mount fstab iptables ufw systemd journalctl vim nano emacs root
partitionner formater dualboot dual swap kernel driver drivers bsod bleu reinstaller desinstaller
thermique ventilateur surchauffe  cpu overclock watercooling fps ping latence
ddos mitm bruteforce hash md5 sha chiffrement symetrique asymetrique rsa aes certificat ssl tls
https pki kerberos oauth pentest exploit faille cve owasp csrf keylogger rootkit steganographie
sql join jointure jointures inner left outer select update delete insert trigger procedure stockee
primaire etrangere merise mcd mld normalisation normale mysql mariadb oracle plsql mongodb
postgres phpmyadmin transaction
group having order by union distinct count sum avg foreign key constraint alter table drop
sequelize doctrine eloquent orm pdo jdbc curseur procedural declencheur acid deadlock sharding
entite association cardinalite dependance fonctionnelle normale
html css div flexbox flex grid bootstrap tailwind centrer responsive padding margin police
selecteur marge interne ombre degrade animation media query viewport hover navbar menu footer
header carrousel slider favicon seo referencement
cookie cookies include require composer artisan blade eloquent migration mvc
hook usestate useeffect props component composant webpack vite redux nextjs nuxt express promise
async await callback closure prototype this undefined null nan typeerror
javascript jquery react angular svelte node npm typescript dom php laravel symfony wordpress
prestashop twig composer java spring maven gradle jvm android kotlin swift flutter dart ios xcode
csharp dotnet wpf winforms visual studio unity unreal pointeur pointeurs segfault malloc free
struct heritage polymorphisme abstraite encapsulation constructeur objet poo uml
diagramme recursivite recursif fibonacci tri bulles boucle while chainee
pile arbre binaire graphe dijkstra complexite git merge rebase branche branch commit conflit
conflict gitlab svn docker conteneur conteneurs kubernetes k8s dockerfile compose swarm ansible
terraform jenkins pipeline devops apache nginx vhost htaccess nom domaine hebergement ovh
regex expression reguliere excel word powerpoint tableur macro vba formule cobol rust golang perl
ruby rails assembleur arduino blockchain solidity agile scrum kanban gantt jira rgpd cnil
singleton factory observer decorateur patron conception solid dry surcharge generique arraylist
hashmap iterator exception checked javafx swing jsp servlet hibernate jpa lambda
mutex semaphore deadlock processus ordonnanceur interruption registre alu von neumann
quicksort mergesort dichotomie recursion hanoi glouton backtracking dynamique turing
compilateur interpreteur bytecode linker makefile cmake gcc gdb header
stash cherry-pick checkout pull fork remote origin upstream gitflow
helm ingress pod pods namespace registry vagrant packer puppet ci runner
sprint backlog user-story velocite retro daily raci pert moa moe
photoshop gimp premiere blender figma canva telephone iphone samsung smartphone batterie forfait
pc gamer mere processeur ram ssd alimentation montage
"""

OUTSIDE = frozenset(
    stem(word) for part in (_EVERYDAY, _SCHOOL, _COMPUTING) for word in part.split()
)
"""Stems of words that belong to other subjects."""

_NAMES = re.compile(
    r"\b(?:coupe\s+d[ue]s?\s+\w+|tour\s+de\s+france|ballon\s+d.or|ligue\s+des\s+champions"
    r"|premier\s+ministre|star\s+academy|rap\s+fran\wais)\b",
    re.IGNORECASE,
)


def in_one_word(question: str) -> str:
    """Put one word of another subject for a name of several, whose words a course may use too."""
    return _NAMES.sub(" football ", question)
