using System.Text;

namespace AkkaWasm.Service.Hocon.Loading;

/// <summary>Reads a file as UTF-8, up to a size; whatever stops it is said in one sentence.</summary>
internal static class FileText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Read(string path, HoconOrigin reader, int maxBytes)
    {
        byte[] bytes = ReadBytes(path, reader, maxBytes);
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new HoconException(
                "the file is not valid UTF-8", Position(path, bytes.AsSpan(0, error.Index)), "save it as UTF-8", error);
        }
    }

    private static byte[] ReadBytes(string path, HoconOrigin reader, int maxBytes)
    {
        try
        {
            if (Directory.Exists(path))
                throw new HoconException($"'{path}' is a folder", reader, "name a file in it");
            using FileStream stream = File.OpenRead(path);
            using MemoryStream content = new();
            byte[] buffer = new byte[64 * 1024];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                content.Write(buffer, 0, read);
                if (content.Length > maxBytes)
                    throw new HoconException(
                        $"'{path}' is larger than {maxBytes} bytes (MaxFileBytes)", reader, "split it into several files");
            }
            return content.ToArray();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HoconException($"'{path}' does not exist", reader, "check its name and folder", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new HoconException(
                $"'{path}' cannot be read ({error.Message.TrimEnd('.')})", reader, "check its name and permissions", error);
        }
    }

    private static HoconOrigin Position(string path, ReadOnlySpan<byte> before)
    {
        int line = before.Count((byte)'\n') + 1;
        ReadOnlySpan<byte> lastLine = before[(before.LastIndexOf((byte)'\n') + 1)..];
        return new HoconOrigin(path, line, Encoding.UTF8.GetCharCount(lastLine) + 1);
    }
}
