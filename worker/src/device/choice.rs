//! Which device to compute on.

use anyhow::ensure;
use tch::Device;

/// A device by the name that people give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceChoice {
    /// CUDA where it is there, else the CPU.
    Auto,
    Cpu,
    Cuda(usize),
}

impl std::str::FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(DeviceChoice::Auto),
            "cpu" => Ok(DeviceChoice::Cpu),
            "cuda" => Ok(DeviceChoice::Cuda(0)),
            other => other
                .strip_prefix("cuda:")
                .and_then(|index| index.parse().ok())
                .map(DeviceChoice::Cuda)
                .ok_or_else(|| "there are auto, cpu, cuda and cuda:N".to_string()),
        }
    }
}

impl DeviceChoice {
    /// The device, if this machine has it.
    pub fn resolve(self) -> anyhow::Result<Device> {
        let count = usize::try_from(tch::Cuda::device_count()).unwrap_or(0);
        match self {
            DeviceChoice::Cpu => Ok(Device::Cpu),
            DeviceChoice::Auto => Ok(Device::cuda_if_available()),
            DeviceChoice::Cuda(index) => {
                ensure!(
                    index < count,
                    "there is no cuda:{index}: {count} CUDA devices are usable (libtorch_cuda.so must be found, \
                     by LD_LIBRARY_PATH for instance)"
                );
                Ok(Device::Cuda(index))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_by_their_names() {
        assert_eq!("auto".parse(), Ok(DeviceChoice::Auto));
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(0)));
        assert_eq!("cuda:3".parse(), Ok(DeviceChoice::Cuda(3)));
        assert!("gpu".parse::<DeviceChoice>().is_err());
        assert_eq!(DeviceChoice::Cpu.resolve().unwrap(), Device::Cpu);
        let error = DeviceChoice::Cuda(99).resolve().unwrap_err().to_string();
        assert!(error.contains("there is no cuda:99"), "{error}");
    }
}
