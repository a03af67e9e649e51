/** "812 B", "3.4 KiB". */
export function bytes(size: bigint): string {
  const n = Number(size);
  return n < 1024 ? `${n} B` : n < 1 << 20 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / (1 << 20)).toFixed(1)} MiB`;
}
