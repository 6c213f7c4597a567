// The command line `tollkeeper`.
export {};
