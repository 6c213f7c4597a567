// Chooses a file of this computer.

import { useId, type ReactNode } from 'react';

type FileInputProps = { readonly label: string; readonly accept: string; readonly onChange: (file: File | undefined) => void };

export function FileInput({ label, accept, onChange }: FileInputProps): ReactNode {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="label">
        {label}
      </label>
      <input id={id} type="file" accept={accept} onChange={(event) => onChange(event.currentTarget.files?.[0])} />
    </div>
  );
}
