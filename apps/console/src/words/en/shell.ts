// English words of what stands around every page, and of states that all of them have.

export const shellWords = {
  'pages.overview': 'Overview',
  'pages.calls': 'Calls',
  'pages.recharges': 'Recharges',
  'pages.people': 'People',
  'pages.rates': 'Rates',
  'pages.report': 'Report',
  'pages.operations': 'Operations',

  'shell.skip': 'Skip to content',
  'shell.menu': 'Menu',
  'shell.navigation': 'Pages',
  'shell.tenant': 'Tenant',
  'shell.noTenantFound': 'No tenant of that name',
  'shell.language': 'Language',
  'shell.colourScheme': 'Colour scheme',
  'shell.utc': 'All times are UTC.',
  'shell.forgetOperator': 'Forget the operator’s token',
  'scheme.auto': 'As the system',
  'scheme.light': 'Light',
  'scheme.dark': 'Dark',

  'live.connecting': 'Connecting…',
  'live.connectingDetail': 'Asking for the balance as it changes',
  'live.live': 'Live',
  'live.liveDetail': 'The balance changes here as it changes in the ledger',
  'live.lost': 'Connection lost; trying again…',
  'live.lostDetail': 'Figures may be old. They are brought up to date once the server answers again.',

  'actions.retry': 'Retry',
  'actions.close': 'Close',
  'actions.cancel': 'Cancel',
  'actions.save': 'Save',
  'actions.previous': 'Previous page',
  'actions.next': 'Next page',
  'actions.more': 'Show more',

  'states.loading': 'Loading…',
  'states.failed': 'That did not work',
  'states.unreachable': 'The server does not answer',
  'states.unreachableDetail': 'Check the network, and that the API is running; then try again.',
  'states.operatorOnly': 'This needs the operator’s token',
  'states.ourMistake': 'The page made a mistake ({detail}). Load it again; if it stays, report it.',
  'states.fault': 'Line {line}, column {column}: {detail}',
  'states.moreFaults': 'And {count} more faults.',
  'states.noTenant':
    'There is no account yet. Open one with PUT /v1/tenants/NAME and {"currency": "EUR"}, or start the demo with npm start.',

  'operator.title': 'Operator’s token',
  'operator.why': 'Only the operator may do this. The token is the server’s OPERATOR_TOKEN; it is kept until this tab is closed.',
  'operator.token': 'Token',
  'operator.wrong': 'That token was refused; check it and try again.',
  'operator.show': 'Show or hide the token',
  'operator.go': 'Continue',

  'forms.amountWrong': 'Write an amount such as 25 or 12.50.',
} as const;
