// Rate decks in the event store: imported, activated, followed by programs.
export {};
