// Mail step's letter: a notice and a language → subject, text and HTML, which say the same.

import type { Notice } from '@tollkeeper/projections';
import type { Draft, Letters, Pen } from './draft.js';
import { english } from './letters-en.js';
import { french } from './letters-fr.js';
import type { Language } from './recipients.js';
import { sayIn } from './say.js';

export type LetterLinks = {
  /** With `{tenant}` and `{rechargeId}` in it; it carries no secret, so whoever follows it still has to sign in. */
  readonly authentication: string | undefined;
};

export type Letter = { readonly subject: string; readonly text: string; readonly html: string };

const LETTERS: Readonly<Record<Language, Letters>> = { en: english, fr: french };

export function letterOf(notice: Notice, language: Language, links: LetterLinks): Letter {
  const { tenant, currency, kind, facts } = notice;
  if (kind === 'low-balance') throw new Error(`notice ${notice.noticeId}: a low balance has no letter`);
  const pen: Pen = {
    ...sayIn(language, currency),
    tenant,
    authenticationUrl: (rechargeId) => authenticationLink(links, tenant, rechargeId),
  };
  const letters = LETTERS[language];
  const draft = (letters[kind] as (facts: Notice['facts'], pen: Pen) => Draft)(facts, pen);
  const footer = letters.footer(tenant);
  return { subject: draft.subject, text: textOf(draft, footer), html: htmlOf(draft, footer, language) };
}

export function authenticationLink({ authentication }: LetterLinks, tenant: string, rechargeId: string): string | undefined {
  return authentication
    ?.replaceAll('{tenant}', () => encodeURIComponent(tenant))
    .replaceAll('{rechargeId}', () => encodeURIComponent(rechargeId));
}

function textOf({ paragraphs, link }: Draft, footer: string): string {
  const parts = link === undefined ? paragraphs : [...paragraphs, `${link.label}:\n${link.url}`];
  return `${[...parts, `-- \n${footer}`].join('\n\n')}\n`;
}

function htmlOf({ subject, paragraphs, link }: Draft, footer: string, language: Language): string {
  const body = paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`);
  if (link !== undefined) body.push(`<p><a href="${escaped(link.url)}">${escaped(link.label)}</a></p>`);
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${escaped(subject)}</title></head>
<body style="font-family: sans-serif; line-height: 1.5; color: #222; max-width: 40em">
${body.join('\n')}
<p style="color: #666; font-size: 85%">${escaped(footer)}</p>
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Names of tenants, lots and pools and a gateway's codes come from outside; none of them may become markup. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
