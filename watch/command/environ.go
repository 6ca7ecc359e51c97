package command

import (
	"os"
	"runtime"
	"slices"
	"strings"
)

// settings are the variables of AWS that say how to talk to it, and never as whom. Of all others whose names begin with AWS_, none is inherited:
// a variable of credentials that is not known here yet is none that a program gets.
var settings = []string{
	"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_STS_REGIONAL_ENDPOINTS",
	"AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS", "AWS_DEFAULTS_MODE", "AWS_DEFAULT_OUTPUT", "AWS_PAGER", "AWS_SDK_LOAD_CONFIG",
	"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_EXECUTION_ENV",
}

// closed shut the ways to credentials that need no variable: the files of the home folder, and the metadata of an instance.
var closed = []string{
	"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
}

// inherited is an environment without what leads to credentials, and without what messages set.
func inherited(environ []string) []string {
	kept := make([]string, 0, len(environ)+len(closed))
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		if !secretive(canonical(name)) {
			kept = append(kept, variable)
		}
	}
	return append(kept, closed...)
}

// canonical is a name as the system compares it.
func canonical(name string) string {
	if runtime.GOOS != "windows" {
		return name
	}
	for _, known := range append(append([]string{}, Variables...), settings...) {
		if strings.EqualFold(name, known) {
			return known
		}
	}
	return strings.ToUpper(name)
}

func secretive(name string) bool {
	switch {
	case slices.Contains(Variables, name), name == variableScratch:
		return true
	case !strings.HasPrefix(name, "AWS_"):
		return name == "ECS_CONTAINER_METADATA_URI" || name == "ECS_CONTAINER_METADATA_URI_V4"
	}
	return !slices.Contains(settings, name) && !strings.HasPrefix(name, "AWS_ENDPOINT_URL")
}
