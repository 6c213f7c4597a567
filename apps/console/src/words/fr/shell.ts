// French words of what stands around every page, and of states that all of them have.

export const shellWords = {
  'pages.overview': 'Vue d’ensemble',
  'pages.calls': 'Appels',
  'pages.recharges': 'Rechargements',
  'pages.people': 'Utilisateurs',
  'pages.rates': 'Tarifs',
  'pages.report': 'Rapport',
  'pages.operations': 'Exploitation',

  'shell.skip': 'Aller au contenu',
  'shell.menu': 'Menu',
  'shell.navigation': 'Rubriques',
  'shell.tenant': 'Client',
  'shell.noTenantFound': 'Aucun client de ce nom',
  'shell.language': 'Langue',
  'shell.colourScheme': 'Apparence',
  'shell.utc': 'Toutes les heures sont en UTC.',
  'shell.forgetOperator': 'Oublier le jeton de l’opérateur',
  'scheme.auto': 'Comme le système',
  'scheme.light': 'Claire',
  'scheme.dark': 'Sombre',

  'live.connecting': 'Connexion…',
  'live.connectingDetail': 'Demande du solde en continu',
  'live.live': 'En direct',
  'live.liveDetail': 'Le solde change ici dès qu’il change dans le registre',
  'live.lost': 'Connexion perdue ; nouvel essai…',
  'live.lostDetail': 'Les chiffres peuvent dater. Ils seront mis à jour dès que le serveur répondra de nouveau.',

  'actions.retry': 'Réessayer',
  'actions.close': 'Fermer',
  'actions.cancel': 'Annuler',
  'actions.save': 'Enregistrer',
  'actions.previous': 'Page précédente',
  'actions.next': 'Page suivante',
  'actions.more': 'Afficher la suite',

  'states.loading': 'Chargement…',
  'states.failed': 'Cela n’a pas abouti',
  'states.notLoaded': 'Impossible de charger ces données',
  'states.unreachable': 'Le serveur ne répond pas',
  'states.unreachableDetail': 'Vérifiez le réseau et que l’API fonctionne, puis réessayez.',
  'states.partMissing':
    'Une partie de la console n’a pas pu être chargée. Vérifiez le réseau, et que l’API est en marche ; puis réessayez.',
  'states.operatorOnly': 'Le jeton de l’opérateur est nécessaire',
  'states.ourMistake': 'La page s’est trompée ({detail}). Rechargez-la ; si cela persiste, signalez-le.',
  'states.fault': 'Ligne {line}, colonne {column} :',
  'states.moreFaults': 'Et {count} autres défauts.',
  'states.noTenant':
    'Il n’y a pas encore de compte. Ouvrez-en un ici ; ou arrêtez le serveur et lancez la démonstration par npm start.',

  'open.tenant': 'Nom du client',
  'open.tenantHint': 'Minuscules, chiffres, points, tirets, tirets bas',
  'open.currency': 'Devise',
  'open.currencyHint': 'Trois lettres, par exemple EUR ; elle ne change jamais',
  'open.now': 'Ouvrir le compte',

  'operator.title': 'Jeton de l’opérateur',
  'operator.why':
    'Seul l’opérateur peut faire cela. Le jeton est la valeur OPERATOR_TOKEN du serveur ; il est gardé jusqu’à la fermeture de cet onglet.',
  'operator.token': 'Jeton',
  'operator.wrong': 'Ce jeton a été refusé ; vérifiez-le et réessayez.',
  'operator.show': 'Afficher ou masquer le jeton',
  'operator.go': 'Continuer',

  'forms.amountWrong': 'Écrivez un montant tel que 25 ou 12,50.',
  'forms.author': 'Votre nom',
} as const;
