// Explanation on one page of text: from raw bytes to money, in the order in which it happened.

import type { Explanation } from './explanation.js';

export function explanationPage(explanation: Explanation): string {
  return explanation.id;
}
