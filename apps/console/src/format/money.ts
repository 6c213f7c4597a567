// The page's money: decimal text as the API gives it in, text for people out. No amount ever becomes a binary float.

/** What `Intl` shows exactly, given as text. */
type DecimalText = Intl.StringNumericLiteral;

const DECIMAL = /^-?\d+(?:\.\d+)?$/;
/** Amounts have up to six decimals, and each of them may be money. */
const MAX_DECIMALS = 6;

const formats = new Map<string, Intl.NumberFormat>();

/** `'12.3456'`, EUR, en → `€12.3456`; at least two decimals, or as many as asked for. Text that is no decimal comes back as it is. */
export function moneyText(amount: string, currency: string, language: string, minDecimals = 2): string {
  if (!isDecimal(amount)) return `${amount} ${currency}`;
  return formatFor(`${language} ${currency} ${minDecimals}`, () => ({
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: minDecimals,
    maximumFractionDigits: MAX_DECIMALS,
  })).format(amount);
}

/** Money that was divided, whose further decimals say nothing: `'11.715101'` → `€11.72`. */
export function meanText(amount: string, currency: string, language: string): string {
  if (!isDecimal(amount)) return `${amount} ${currency}`;
  return formatFor(`${language} ${currency} mean`, () => ({
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  })).format(amount);
}

/** `'12.5'`, fr → `12,50`; for columns whose head names the currency. */
export function amountText(amount: string, language: string, minDecimals = 2): string {
  if (!isDecimal(amount)) return amount;
  return formatFor(`${language} ${minDecimals}`, () => ({
    minimumFractionDigits: minDecimals,
    maximumFractionDigits: MAX_DECIMALS,
  })).format(amount);
}

/** `'10'`, `'7.5'` → `'2.5'`, exactly. */
export function minus(left: string, right: string): string {
  const decimals = Math.max(decimalsOf(left), decimalsOf(right));
  const difference = scaled(left, decimals) - scaled(right, decimals);
  const digits = (difference < 0n ? -difference : difference).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const rest = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${difference < 0n ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`;
}

export function isNegative(amount: string): boolean {
  return amount.startsWith('-');
}

export function isZero(amount: string): boolean {
  return /^-?0*(?:\.0*)?$/.test(amount);
}

/**
 * What a person typed into a field for money → decimal text, or undefined. A comma is a decimal point where it stands alone:
 * `'12,50'` → `'12.50'`.
 */
export function typedAmount(typed: string): string | undefined {
  const text = typed.trim().replaceAll(/[\s\u00a0\u202f]/g, '');
  const pointed = text.includes('.') ? text : text.replace(',', '.');
  return /^\d{1,12}(?:\.\d{1,6})?$/.test(pointed) ? pointed : undefined;
}

/** Only for where a point stands in a picture; never for a sum. */
export function positionOf(amount: string): number {
  return Number(amount);
}

function isDecimal(amount: string): amount is DecimalText & string {
  return DECIMAL.test(amount);
}

function decimalsOf(amount: string): number {
  const point = amount.indexOf('.');
  return point < 0 ? 0 : amount.length - point - 1;
}

function scaled(amount: string, decimals: number): bigint {
  const [whole = '0', rest = ''] = amount.split('.');
  return BigInt(whole + rest.padEnd(decimals, '0'));
}

/** Making one takes longer than a hundred uses of it. */
function formatFor(key: string, options: () => Intl.NumberFormatOptions): Intl.NumberFormat {
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(key.slice(0, key.indexOf(' ')), options());
  formats.set(key, made);
  return made;
}
