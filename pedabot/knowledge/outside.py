"""What students ask a tutor about that is another subject: everyday life, school, other computing.

A word of these lists speaks against the course, unless the course itself is about it (has it in a
title, an alias or a sample question). So the same lists serve a course on SQL or on networks.
"""

from __future__ import annotations

from pedabot.knowledge.text import stem

_EVERYDAY = """
recette cuisine cuisiner cuire cuisson four gateau crepe pate pates pizza sauce sucre sel farine
beurre oeuf oeufs lait poulet viande poisson legume legumes fruit fruits salade soupe dessert
chocolat cafe the biere vin alcool boire manger mange repas diner dejeuner restaurant regime
calorie calories vegan kebab burger sandwich fromage riz carbonara tiramisu lasagne couscous
football foot match ligue championnat champion champions coupe equipe joueur but buts psg om
mbappe messi ronaldo zidane tennis rugby basket nba judo velo cyclisme formule course marathon
musculation muscu abdos gym sport sportif entraineur stade olympique olympiques medaille jo
film films serie series netflix cinema acteur actrice realisateur anime manga manhwa chanson
chanter chanteur chanteuse rappeur rap concert album musicien guitare piano spotify youtube
youtubeur twitch streamer tiktok instagram snapchat insta snap facebook discord jeu jeux console
playstation xbox nintendo switch fortnite minecraft roblox valorant lol gta fifa steam pokemon
blague blagues humour devinette horoscope astrologie signe astrologique poeme poesie rap
meteo pluie pleuvoir neige neiger soleil orage temperature degre degres dehors canicule
voyage voyager vacances avion train sncf billet hotel camping plage montagne ski passeport visa
valise bus metro tram ticket itineraire voiture permis conduire code route essence garage
mecanicien moto scooter trottinette pneu vidange radar amende
amour amoureux amoureuse copain copine crush couple rupture larguer quitter sexe mariage divorce
parents mere pere frere soeur famille bebe enfant enfants grossesse anniversaire cadeau noel
triste tristesse deprime depression stress stresse angoisse anxiete pleurer dormir sommeil insomnie
fatigue fatigue malade maladie medecin docteur medicament doliprane fievre toux rhume grippe
covid vaccin douleur mal tete ventre dos dent dentiste hopital urgence symptome allergie bouton
boutons acne peau cheveux coiffeur maquillage parfum vetement vetements robe chaussures basket
baskets sneakers nike mode taille poids maigrir grossir regime
chien chat chats chiens hamster lapin cheval animal animaux veterinaire croquettes aquarium
plante plantes jardin jardinage fleur arroser potager bricolage peinture meuble ikea
loyer appartement appart logement studio colocation coloc caf apl bourse crous bail proprietaire
banque compte pret credit salaire smic impot impots declaration retraite assurance mutuelle euro
euros bourse action actions bitcoin crypto cryptomonnaie investir placement trading livret
horaire horaires ouverture fermeture magasin supermarche carrefour lidl amazon vinted leboncoin
livraison colis poste acheter promo solde soldes prix garantie remboursement
president macron election elections voter vote politique gouvernement ministre parti depute
assemblee senat loi tribunal avocat police gendarme justice prison greve manifestation
guerre ukraine israel religion dieu bible coran islam chretien priere ramadan
bac brevet parcoursup lettre motivation cv entretien embauche recruteur emploi chomage
interim patron conge conges absence retard vie scolaire cantine internat surveillant sanction
"""

_SCHOOL = """
histoire bataille roi reine revolution napoleon louis empire siecle antiquite moyen age verdun
hitler seconde guerre mondiale colonisation geographie capitale pays continent fleuve population
habitants drapeau mongolie perou japon chine espagne italie allemagne bresil afrique europe
philosophie dissertation commentaire litteraire roman auteur ecrivain hugo moliere zola camus
baudelaire rimbaud poete conjugaison conjuguer subjonctif imparfait passe compose verbe grammaire
orthographe accord participe dictee anglais espagnol allemand italien chinois traduire traduis
traduction vocabulaire oral toeic
mathematiques maths math equation equations racine racines polynome trigonometrie geometrie
triangle cercle pythagore thales theoreme integrale primitive suite suites arithmetique
arithmetiques geometrique geometriques limite limites logarithme exponentielle complexe complexes
nombres premiers fraction fractions pourcentage pgcd denombrement combinatoire
physique chimie chimique molecule atome electron newton electricite ohm tension intensite
circuit resistance photosynthese cellule biologie svt adn gene evolution darwin dinosaure planete
planetes espace lune mars astronomie volcan seisme climat ecologie
economie cejm management marketing droit juridique contrat clause clauses societe sarl sas statut
bilan comptable comptabilite tva inflation pib offre demande marche salarie employeur licenciement
cdd cdi syndicat culture generale
"""

_COMPUTING = """
vlan vlans trunk switch commutateur routeur router routage ospf rip bgp stp cisco juniper packet
tracer cable ethernet rj45 fibre wifi sous reseau masque ip ipv4 ipv6 cidr dhcp dns nat arp ping
pinguer pinguent passerelle vpn ipsec wireguard openvpn parefeu firewall pfsense iptables nftables
acl proxy squid osi tcp udp wireshark nmap ssh telnet ftp sftp samba nfs smtp imap postfix exchange
active directory gpo gpos domaine controleur ldap kerberos windows hyper vmware virtualbox proxmox
vm vms virtualisation esxi hyperviseur raid nas san lvm partition disque bios uefi boot grub
sauvegarde veeam bacula imprimante impression pilote toner ecran clavier souris nagios zabbix
centreon glpi itil ticketing ubuntu debian centos linux bash shell script chmod chown sudo cron
crontab systemctl apt powershell cmd registre bitlocker ransomware virus antivirus malware trojan
phishing hameconnage kali metasploit
sql join jointure jointures inner left outer select update delete insert trigger procedure stockee
cle primaire etrangere merise mcd mld normalisation normale mysql mariadb oracle plsql mongodb
postgres phpmyadmin index vue transaction
html css div flexbox flex grid bootstrap tailwind balise centrer responsive padding margin police
javascript jquery react vue angular svelte node npm typescript dom php laravel symfony wordpress
prestashop twig composer java spring maven gradle jvm android kotlin swift flutter dart ios xcode
csharp dotnet wpf winforms visual studio unity unreal pointeur pointeurs segfault malloc free
struct heritage polymorphisme interface classe abstraite encapsulation constructeur objet poo uml
diagramme sequence recursivite recursif fibonacci tri bulles boucle while tableau liste chainee
pile arbre binaire graphe dijkstra complexite git merge rebase branche branch commit conflit
conflict gitlab svn docker conteneur conteneurs kubernetes k8s dockerfile compose swarm ansible
terraform jenkins pipeline devops apache nginx vhost htaccess nom domaine hebergement ovh
regex expression reguliere excel word powerpoint tableur macro vba formule cobol rust golang perl
ruby rails assembleur arduino blockchain solidity agile scrum kanban gantt jira rgpd cnil
photoshop gimp premiere blender figma canva telephone iphone samsung smartphone batterie forfait
pc gamer carte mere processeur ram ssd alimentation montage
"""

OUTSIDE = frozenset(
    stem(word) for part in (_EVERYDAY, _SCHOOL, _COMPUTING) for word in part.split()
)
"""Stems of words that belong to other subjects."""
