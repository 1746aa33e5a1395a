/** The mark: two threads under and over two others. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 28 28" aria-hidden="true">
      <path className="warp" d="M9 3v22M19 3v22" />
      <path className="thread" d="M3 9h22M3 19h22" />
      <path className="warp" d="M9 6v6M19 16v6" />
    </svg>
  );
}
