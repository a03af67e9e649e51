type Props = { disclosure: string | undefined; limit: number | undefined; length: number | undefined; alts: string[] };

/** What goes out with the words and is not seen in the picture. */
export function PostFacts({ disclosure, limit, length, alts }: Props) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-xs">
      <dt className="text-muted">Disclosure</dt><dd>{disclosure || "none"}</dd>
      {limit && length !== undefined ? <><dt className="text-muted">Length</dt><dd>{length} of {limit}</dd></> : null}
      {alts.map((alt, i) => <div key={i} className="contents"><dt className="text-muted">Alt text {alts.length > 1 ? i + 1 : ""}</dt><dd className={alt ? "" : "font-semibold text-bad"}>{alt || "missing"}</dd></div>)}
    </dl>
  );
}
