# Shared by run and windmill: what they need of a bare Debian.

# Where there is no Go, Debian's fetches this one by itself, and checks it.
command -v go >/dev/null || export GOTOOLCHAIN=go1.26.8

# tools installs what is missing.
tools() {
	local missing=()
	command -v go >/dev/null || missing+=(ca-certificates golang-go)
	command -v make >/dev/null || missing+=(make)
	command -v git >/dev/null || missing+=(git)
	command -v curl >/dev/null || missing+=(curl)
	command -v gcc >/dev/null || missing+=(gcc libc6-dev) # the race detector links with it
	if [ ${#missing[@]} -gt 0 ]; then
		apt-get update -q
		apt-get install -q -y --no-install-recommends "${missing[@]}"
	fi
	go version
	make --version | sed -n 1p
}
