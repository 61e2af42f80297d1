/** How to reach a Kubernetes API and who asks. What proves it never leaves this object except towards that API. */
export interface ClusterAccess {
	/** e.g. `https://kubernetes.example.com:6443`, without a trailing slash. */
	readonly serverUrl: string;
	/** PEM; empty: the authorities that Node trusts. */
	readonly certificateAuthority: string;
	/** Empty when something else below says who asks. */
	readonly bearerToken: string;
	/** A file that holds the token, read for every call: a pod's own is renewed while it runs. Absent: `bearerToken` holds it. */
	readonly bearerTokenFile?: string;
	/** A program that prints a token. Absent: none is run. */
	readonly plugin?: ExecPlugin;
	/** PEM. Absent: the connection shows none. */
	readonly clientCertificate?: { readonly certificate: string; readonly key: string };
	/** The name in the server's certificate. Absent: the host of `serverUrl`. */
	readonly tlsServerName?: string;
	/** True: the server's certificate is not checked. Absent: it is. */
	readonly skipTlsVerify?: boolean;
}

/** What a kubeconfig's `exec` says: a program that prints an ExecCredential. */
export interface ExecPlugin {
	readonly command: string;
	readonly args: readonly string[];
	/** Its whole environment besides PATH and HOME. */
	readonly env: Readonly<Record<string, string>>;
	/** e.g. `client.authentication.k8s.io/v1`. */
	readonly apiVersion: string;
}
