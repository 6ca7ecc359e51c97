package config_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/starfleet-go/starfleet/config"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	folder := func(bucket string) fs.FS {
		return fstest.MapFS{"a.yaml": {Data: []byte(leastStarfleet.with("TemplateBucket", bucket).String())}}
	}
	environment := func(value string) func(string) (string, bool) {
		return func(name string) (string, bool) {
			return value, name == "STARFLEET_CONFIG"
		}
	}
	openS3 := func(url string) (fs.FS, error) {
		if url != "s3://bucket/config/" {
			return nil, fs.ErrNotExist
		}
		return folder("from-s3"), nil
	}
	const sample, sampleBucket = "testdata/samples/configuration.yaml", "starfleet-templates-DEPLOYMENT-ACCOUNT-ID"
	for name, test := range map[string]struct {
		flag     string
		getenv   func(string) (string, bool)
		embedded fs.FS
		want     string
	}{
		"flag above all":          {sample, environment("s3://bucket/config/"), folder("embedded"), sampleBucket},
		"variable above embedded": {"", environment("s3://bucket/config/"), folder("embedded"), "from-s3"},
		"empty variable":          {"", environment(""), folder("embedded"), "embedded"},
		"no environment":          {"", nil, folder("embedded"), "embedded"},
		"flag of S3":              {"s3://bucket/config/", nil, nil, "from-s3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := config.Choose(test.flag, test.getenv, test.embedded, openS3)
			if err != nil {
				t.Fatal(err)
			}
			if c.Starfleet.TemplateBucket != test.want {
				t.Errorf("chose the configuration of %s, want %s", c.Starfleet.TemplateBucket, test.want)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		if _, err := config.Choose("", environment(""), nil, openS3); !errors.Is(err, config.ErrNotConfigured) {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("a place that fails is not passed over", func(t *testing.T) {
		t.Parallel()
		_, err := config.Choose("", environment("testdata/none"), folder("embedded"), openS3)
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "STARFLEET_CONFIG") {
			t.Errorf("error is %v", err)
		}
		_, err = config.Choose("s3://bucket/other/", nil, folder("embedded"), openS3)
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "s3://bucket/other/") {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("no S3 in this program", func(t *testing.T) {
		t.Parallel()
		_, err := config.Choose("s3://bucket/config/", nil, folder("embedded"), nil)
		if err == nil || !strings.Contains(err.Error(), "without the S3 adapter") {
			t.Errorf("error is %v", err)
		}
	})
	t.Run("faults name the address", func(t *testing.T) {
		t.Parallel()
		_, err := config.Choose("s3://b/p/", nil, nil, func(string) (fs.FS, error) {
			return fstest.MapFS{"a.yaml": {Data: []byte("Fleet: {Nope: 1}\n" + leastStarfleet.String())}}, nil
		})
		if faults := faultsOf(t, err); faults[0].File != "s3://b/p/a.yaml" {
			t.Errorf("faults are\n%v", err)
		}
	})
}
