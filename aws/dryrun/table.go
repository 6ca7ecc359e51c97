package dryrun

import (
	_ "embed"
	"strings"
)

//go:generate go run generate.go $IAM_DATA $BOTOCORE

// operations is the table: after its comment one line a service, as "ServiceID TAB prefix TAB SPACE operations SPACE", operations with a
// space between them. It is looked up as it is: a dry run asks a few times for each client.
//
//go:embed operations.txt
var operations string

// lookUp finds a service of the table by its id in the SDK.
func lookUp(serviceID string) (prefix, names string, ok bool) {
	_, line, ok := strings.Cut(operations, "\n"+serviceID+"\t")
	if !ok || serviceID == "" {
		return "", "", false
	}
	line, _, _ = strings.Cut(line, "\n")
	prefix, names, _ = strings.Cut(line, "\t")
	return prefix, names, true
}

// Reads says whether the table has an operation. Service is the id that the SDK has for the service, such as "CloudWatch Logs"; it is the
// constant ServiceID of the client's package.
func Reads(serviceID, operation string) bool {
	_, names, ok := lookUp(serviceID)
	return ok && operation != "" && strings.Contains(names, " "+operation+" ")
}
