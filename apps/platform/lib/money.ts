const amount = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 6 });

/** Micros are millionths of the tenant's currency unit; the API does not name the currency, so neither do we. */
export const moneyOf = (micros: bigint): string => amount.format(Number(micros) / 1_000_000);
