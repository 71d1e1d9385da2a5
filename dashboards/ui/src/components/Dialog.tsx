import { useLayoutEffect, useRef, type ReactNode } from 'react';

/** A modal overlay; the browser keeps the focus inside and closes it on Esc. */
export function Dialog({
  label,
  close,
  wide = false,
  children,
}: {
  label: string;
  close: () => void;
  wide?: boolean;
  children: ReactNode;
}): ReactNode {
  const ref = useRef<HTMLDialogElement>(null);
  // Closed while it still stands in the page, so that the focus goes back to where it came from.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-label={label}
      className={wide ? 'wide' : ''}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) close();
      }}
    >
      <div className="body">{children}</div>
    </dialog>
  );
}
