import { useEffect, useState } from 'react';

/** Puts text into the clipboard, and says for a moment what became of it. */
export function useCopy(): [told: string, copy: (what: string, text: string) => void] {
  const [told, setTold] = useState('');
  useEffect(() => {
    if (told === '') return;
    const timer = setTimeout(() => setTold(''), 4_000);
    return () => clearTimeout(timer);
  }, [told]);
  const copy = (what: string, text: string): void => {
    navigator.clipboard.writeText(text).then(
      () => setTold(`The ${what} is copied.`),
      () => setTold('The browser does not allow copying here.'),
    );
  };
  return [told, copy];
}
