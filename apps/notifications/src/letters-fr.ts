// Mail step's letters in French: one for each kind of notice.

import type { PoolFacts } from '@tollkeeper/projections';
import type { Letters, Pen } from './draft.js';

/** Why a payment was declined; a code that is not here is shown as it is. */
const REASONS: Readonly<Record<string, string>> = {
  'authentication-required': 'le titulaire de la carte doit authentifier le paiement',
  'card-declined': 'l’émetteur de la carte l’a refusé',
  'card-lost-or-stolen': 'la carte a été déclarée perdue ou volée',
  'currency-not-supported': 'la carte n’accepte pas cette devise',
  'expired-card': 'la carte a expiré',
  'fraud-suspected': 'l’émetteur de la carte soupçonne une fraude',
  'insufficient-funds': 'le compte de la carte n’est pas assez approvisionné',
  'invalid-card': 'le numéro de la carte n’est pas valable',
  'limit-exceeded': 'le plafond de la carte est dépassé',
  'never-reached-gateway': 'le prestataire de paiement n’a pas pu être joint',
  'payment-method-missing': 'aucune carte n’est enregistrée',
  'processing-error': 'l’émetteur de la carte n’a pas pu le traiter',
};

function reason(code: string): string {
  const known = REASONS[code];
  return known === undefined ? code : `${known} (${code})`;
}

const METERS: Readonly<Record<PoolFacts['meter'], string>> = {
  conferencing: 'de conférence',
  domestic: 'nationales',
  international: 'internationales',
};

function poolUse({ capMs, meter, month, pool, usedMs }: PoolFacts, { minutes, month: monthName }: Pen): string {
  return `En ${monthName(month)}, ${minutes(usedMs)} des ${minutes(capMs)} minutes ${METERS[meter]} du forfait ${pool} sont utilisées.`;
}

export const french: Letters = {
  'recharge-succeeded': ({ amount, balance, cause, paymentReference }, { money, tenant }) => ({
    subject: `Recharge de ${money(amount)} pour ${tenant} : paiement réussi`,
    paragraphs: [
      `${cause === 'auto' ? 'La recharge automatique' : 'La recharge'} de ${money(amount)} a été payée et ajoutée au solde, qui est maintenant de ${money(balance)}.`,
      `Référence du paiement : ${paymentReference}`,
    ],
  }),
  'recharge-failed': ({ amount, cause, code }, { money, tenant }) => ({
    subject: `Recharge de ${money(amount)} pour ${tenant} : échec du paiement`,
    paragraphs: [
      `${cause === 'auto' ? 'La recharge automatique' : 'La recharge'} de ${money(amount)} n’a pas été payée : ${reason(code)}.`,
      'Rien n’a été ajouté au solde. Veuillez vérifier le moyen de paiement, puis recharger à nouveau.',
    ],
  }),
  'auto-recharge-suspended': ({ balance, code }, { money, tenant }) => ({
    subject: `La recharge automatique de ${tenant} est suspendue`,
    paragraphs: [
      `La recharge automatique est suspendue, car un paiement a définitivement échoué : ${reason(code)}.`,
      `Le solde est de ${money(balance)} et n’est plus rechargé automatiquement. Veuillez vérifier le moyen de paiement, puis reprendre la recharge automatique.`,
    ],
  }),
  'authentication-required': ({ amount, rechargeId, until }, { authenticationUrl, instant, money, tenant }) => {
    const url = authenticationUrl(rechargeId);
    return {
      subject: `Veuillez authentifier le paiement de ${money(amount)} pour ${tenant}`,
      paragraphs: [
        `La banque demande au titulaire de la carte d’authentifier le paiement de ${money(amount)} (recharge ${rechargeId}) avant de l’effectuer.`,
        `Veuillez le faire jusqu’au ${instant(until)} ; le paiement sera alors tenté à nouveau.`,
      ],
      ...(url === undefined ? {} : { link: { label: 'Authentifier le paiement', url } }),
    };
  },
  'balance-zero': ({ balance }, { money, tenant }) => ({
    subject: `Le solde de ${tenant} est épuisé`,
    paragraphs: [
      `Le solde est de ${money(balance)}. Les appels qu’il paierait sont refusés jusqu’à la prochaine recharge, y compris les appels entrants vers un numéro gratuit.`,
      'Les minutes incluses et les appels d’urgence restent possibles.',
    ],
  }),
  'pool-80': (facts, pen) => ({
    subject: `80 % des minutes ${METERS[facts.meter]} incluses de ${pen.tenant} sont utilisées`,
    paragraphs: [poolUse(facts, pen), 'Lorsqu’elles seront épuisées, les appels seront payés par le solde.'],
  }),
  'pool-100': (facts, pen) => ({
    subject: `Les minutes ${METERS[facts.meter]} incluses de ${pen.tenant} sont épuisées`,
    paragraphs: [poolUse(facts, pen), 'Les prochains appels de ce mois seront payés par le solde.'],
  }),
  'lot-about-to-expire': ({ amount, expiresAt, lotId }, { day, instant, money, tenant }) => ({
    subject: `Crédit de ${tenant} : ${money(amount)} expirent le ${day(expiresAt)}`,
    paragraphs: [
      `${money(amount)} du crédit acheté sous ${lotId} ne sont pas encore utilisés et expirent le ${instant(expiresAt)}.`,
      'Le crédit qui expire le premier est utilisé le premier.',
    ],
  }),
  burst: ({ cause, hour, limit, spent }, { instant, money, tenant }) => ({
    subject: `${cause === 'spending' ? 'Dépenses' : 'Recharges'} inhabituelles de ${tenant}`,
    paragraphs: [
      cause === 'spending'
        ? `${money(spent)} ont été dépensés dans l’heure commencée le ${instant(hour)}, au-delà de la limite de ${money(limit)}.`
        : `La recharge automatique aurait demandé ${money(spent)}, au-delà de sa limite de ${money(limit)} ; elle a été retenue dans l’heure commencée le ${instant(hour)}.`,
      'Si cela vous surprend, veuillez vérifier qui appelle : il peut s’agir d’une fraude.',
    ],
  }),
  footer: (tenant) => `Tollkeeper écrit ceci pour le compte ${tenant}. Les destinataires sont définis dans le compte.`,
};
